import type { ServiceName } from '@switchboard/start';

/** Where a service is killed: between two effects. */
export interface FaultPoint {
  service: ServiceName;
  /** The step's name, as the service tells it. */
  step: string;
  /** What was done, and what was not. */
  between: string;
  /** A step at which it dies first, so that this one comes. */
  after?: string;
}

const consumers = (service: ServiceName, parts: readonly string[], done: string): FaultPoint[] =>
  parts.flatMap((part) => [
    { service, step: `${part}-handled`, between: `${done}, its offset is not committed` },
    { service, step: `${part}-committed`, between: 'the offset is committed, the next batch not begun' },
  ]);

const answering = (route: string, done: string): FaultPoint => ({
  service: 'api',
  step: `POST /api/v1/${route}`,
  between: `${done}, whoever asked was not told`,
});

/** All points between any two effects of one event's way, and of everything else that writes. */
export const faultPoints: readonly FaultPoint[] = [
  { service: 'ingest', step: 'call-sent', between: 'the broker has the call, the vendor has no answer' },
  {
    service: 'ingest',
    step: 'record-sent',
    between: 'the broker has one record of a batch, the clinic no answer',
  },
  { service: 'ingest', step: 'message-sent', between: 'the broker has the message, Twilio has no answer' },
  ...consumers('enrich', ['enrich', 'enrich-messages'], 'what was enriched is sent on'),
  ...consumers(
    'sink-postgres',
    ['calls', 'records', 'messages', 'imports'],
    'rows, facts and mark are committed in Postgres',
  ),
  { service: 'sink-clickhouse', step: 'locked', between: 'the shard is held, nothing is moved' },
  { service: 'sink-clickhouse', step: 'moved', between: 'the block is committed, nothing of it inserted' },
  { service: 'sink-clickhouse', step: 'inserting', between: 'the block is read, nothing of it inserted' },
  { service: 'sink-clickhouse', step: 'sending', between: 'the lock is proven, one table not yet inserted' },
  { service: 'sink-clickhouse', step: 'inserted', between: 'all tables and views have it, it is not marked' },
  {
    service: 'sink-clickhouse',
    step: 'checked',
    between: 'what another left is checked, it is not marked',
    after: 'inserted',
  },
  { service: 'sink-clickhouse', step: 'finished', between: 'the block is marked, the shard still held' },
  answering('appointments', 'the hold or the booking is committed'),
  answering('appointments/:id/book', 'the hold is an appointment'),
  answering('voice/tools/book-appointment', 'the booking and its answer are committed'),
  answering('conversations/:id/messages', 'the message is queued'),
  answering('patients/:id/merge', 'the patients are one'),
  answering('patients/:id/unmerge', 'the patients are two again'),
  { service: 'jobs', step: 'message-claimed', between: 'the message is claimed, Twilio not asked' },
  { service: 'jobs', step: 'message-asked', between: 'Twilio has the message, it is not marked' },
  { service: 'jobs', step: 'message-settled', between: 'the message is marked as sent' },
  { service: 'jobs', step: 'media-written', between: 'the file is stored, its row says nothing of it' },
  { service: 'jobs', step: 'media-marked', between: 'the file is stored and marked' },
  { service: 'jobs', step: 'webhook-answered', between: 'the receiver has it, it is not marked' },
  { service: 'jobs', step: 'webhook-marked', between: 'it is delivered and marked' },
];
