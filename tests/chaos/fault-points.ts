import type { ServiceName } from '@switchboard/start';

/** Who is killed: a service, or the command that imports files. */
export type Killed = ServiceName | 'import';

/** Where it is killed: between two effects. */
export interface FaultPoint {
  service: Killed;
  /** The step's name, as the service tells it. */
  step: string;
  /** What was done, and what was not. */
  between: string;
  /** A step at which it dies first, so that this one comes. */
  after?: string;
}

const consumers = (service: ServiceName, parts: readonly string[], done: string): FaultPoint[] =>
  parts.flatMap((part) => [
    { service, step: `${part}-begun`, between: 'it is stored that it is worked on, nothing is done' },
    { service, step: `${part}-handled`, between: `${done}, its offset is not committed` },
    { service, step: `${part}-committed`, between: 'the offset is committed, the next batch not begun' },
  ]);

const settingAside = (service: ServiceName, parts: readonly string[]): FaultPoint[] =>
  parts.map((part) => ({
    service,
    step: `${part}-set-aside`,
    between: 'the broker has the dead letter, the offset of what it is of is not committed',
  }));

const answering = (route: string, done: string, method = 'POST'): FaultPoint => ({
  service: 'api',
  step: `${method} /api/v1/${route}`,
  between: `${done}, whoever asked was not told`,
});

/** All points between any two effects of one event’s way, and of what writes all the while; commands and rare jobs are killed by tests of their own. */
export const faultPoints: readonly FaultPoint[] = [
  { service: 'ingest', step: 'call-sent', between: 'the broker has the call, the vendor has no answer' },
  {
    service: 'ingest',
    step: 'record-sent',
    between: 'the broker has one record of a batch, the clinic no answer',
  },
  { service: 'ingest', step: 'message-sent', between: 'the broker has the message, Twilio has no answer' },
  { service: 'ingest', step: 'letter-sent', between: 'the broker has the dead letter, the vendor no answer' },
  { service: 'ingest', step: 'replay-taken', between: 'the broker has what was put back, it is not marked' },
  { service: 'ingest', step: 'replay-marked', between: 'it is put back and marked, the next not begun' },
  { service: 'import', step: 'rows-read', between: 'rows are read, none of them is sent' },
  { service: 'import', step: 'rows-sent', between: 'the broker has the rows, the state says nothing of it' },
  { service: 'import', step: 'rows-marked', between: 'rows are sent and the state is written' },
  ...consumers('enrich', ['enrich', 'enrich-messages'], 'what was enriched is sent on'),
  ...settingAside('enrich', ['enrich', 'enrich-messages']),
  ...consumers(
    'sink-postgres',
    ['calls', 'records', 'messages', 'imports'],
    'rows, facts and mark are committed in Postgres',
  ),
  ...settingAside('sink-postgres', ['calls', 'records', 'messages', 'imports']),
  ...consumers('sink-postgres', ['letters'], 'the dead letter is stored'),
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
  // These have no key: asked again they are refused (409), or find it done and say so.
  answering('appointments/:id/confirm', 'the appointment is confirmed'),
  answering('appointments/:id/cancel', 'the appointment is cancelled'),
  answering('appointments/:id/reschedule', 'the appointment is moved'),
  answering('voice/tools/book-appointment', 'the booking and its answer are committed'),
  answering('voice/tools/reschedule-appointment', 'the move and its answer are committed'),
  answering('voice/tools/cancel-appointment', 'the cancellation and its answer are committed'),
  answering('conversations/:id/messages', 'the message is queued'),
  // A note has no key either: asked again, there are two. A change sets what it names, however often.
  answering('conversations/:id/notes', 'the note is written'),
  answering('conversations/:id', 'labels and state are as asked for', 'PATCH'),
  answering('files', 'the file is stored'),
  // One that was decided is refused when it is decided again; one that was taken is whose it was.
  answering('match-reviews/:id/link', 'the call is the patient’s'),
  answering('match-reviews/:id/new', 'the patient is made, and the call theirs'),
  answering('match-reviews/:id/reject', 'the review is decided'),
  answering('booking-requests/:id/take', 'somebody looks after it'),
  answering('booking-requests/:id/propose', 'a time is offered'),
  answering('booking-requests/:id/fulfil', 'the request is closed'),
  answering('booking-requests/:id/decline', 'the request is closed'),
  answering('dead-letters/:id/replay', 'it is to be put back'),
  answering('dead-letters/:id/discard', 'it is given up'),
  answering('dead-letters/replay', 'all that match are to be put back'),
  answering('dead-letters/discard', 'all that match are given up'),
  answering('patients/:id/merge', 'the patients are one'),
  answering('patients/:id/unmerge', 'the patients are two again'),
  { service: 'jobs', step: 'message-claimed', between: 'the message is claimed, Twilio not asked' },
  { service: 'jobs', step: 'message-marked', between: 'the message is marked as asked, Twilio not asked' },
  { service: 'jobs', step: 'message-asked', between: 'Twilio has the message, it is not marked' },
  { service: 'jobs', step: 'message-settled', between: 'the message is marked as sent' },
  { service: 'jobs', step: 'media-written', between: 'the file is stored, its row says nothing of it' },
  { service: 'jobs', step: 'media-marked', between: 'the file is stored and marked' },
  { service: 'jobs', step: 'webhook-claimed', between: 'the delivery is claimed, its receiver not asked' },
  { service: 'jobs', step: 'webhook-answered', between: 'the receiver has it, it is not marked' },
  { service: 'jobs', step: 'webhook-marked', between: 'it is delivered and marked' },
  { service: 'jobs', step: 'replay-claimed', between: 'the dead letter is claimed, it is not put back' },
  { service: 'jobs', step: 'replay-sent', between: 'the broker has what was put back, it is not marked' },
  { service: 'jobs', step: 'replay-marked', between: 'it is put back and marked' },
];
