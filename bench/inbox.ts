import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Switchboard, startSwitchboard } from '@switchboard/start';
import { openStores, type Stores } from '@switchboard/testkit/open-stores';
import { type LiveStream, openLiveStream } from './live-stream.ts';
import { createMessagePoster, messagePosts } from './message-posts.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, latencies, round } from './report.ts';

const CONTACTS = 200;
const RATE = 50;
/** Until compilers have made what is run often, and each contact has a conversation: a service runs for days. */
const WARM_UP = { messages: 3_000, rate: RATE };
const services = ['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse', 'api'] as const;
const engines = ['kafka', 'postgres'] as const;
/** Where nothing is told for so long, something is lost. */
const PATIENCE_MS = 60_000;

/** From when a patient's message was due at the webhook until the live stream tells of it. */
export const inbox: Bench = async ({ seconds = 60, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, say });
  const stores = openStores(running.demo, { applicationName: 'bench', max: 1 });
  const stream = await openLiveStream(running.demo.api, running.demo.api_key);
  try {
    say('warming up');
    await post({ running, stream, stores }, { ...WARM_UP, seed: 1 });
    const names = [...services, ...engines];
    const watch = watchUsage(() => Object.fromEntries(names.map((name) => [name, running.pid(name)])));
    const told = await post({ running, stream, stores }, { messages: RATE * seconds, rate: RATE, seed: 2 });
    const cpu = watch.cpuMs();
    await watch.stop();
    const count = told.ages.length;
    emit({
      bench: 'inbox',
      what: `message due at the webhook until the live stream tells of it, ${RATE} a second of ${CONTACTS} conversations`,
      count,
      unit: 'messages',
      seconds: round(told.seconds),
      per_second: round(count / told.seconds),
      ...latencies(told.ages),
      peak_memory_mib: watch.peaks(),
      cpu_ms_per_unit: Object.fromEntries(
        Object.entries(cpu).map(([name, ms]) => [name, round(ms / count, 3)]),
      ),
      reference: {
        what: 'the webhook’s own answer at the same rate',
        per_second: RATE,
        p99_ms: latencies(told.answers).p99_ms,
      },
      figures: {
        come_again: told.comeAgain,
        answered_p50_ms: latencies(told.answers).p50_ms ?? Number.NaN,
        answered_until_written_p50_ms: latencies(told.untilWritten).p50_ms ?? Number.NaN,
        answered_until_written_p95_ms: latencies(told.untilWritten).p95_ms ?? Number.NaN,
        written_until_told_p50_ms: latencies(told.untilTold).p50_ms ?? Number.NaN,
        written_until_told_p95_ms: latencies(told.untilTold).p95_ms ?? Number.NaN,
      },
    });
  } finally {
    stream.stop();
    await stores.close();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

interface Stand {
  running: Switchboard;
  stream: LiveStream;
  stores: Stores;
}

interface Told {
  /** From due to told, ms. */
  ages: number[];
  /** From due to answered, ms. */
  answers: number[];
  /** From answered until the transaction that wrote it began, ms. */
  untilWritten: number[];
  /** From there until told, ms. */
  untilTold: number[];
  seconds: number;
  /** How often ingest could not take one at once. */
  comeAgain: number;
}

async function post(
  { running: { demo }, stream, stores }: Stand,
  { messages, rate, seed }: { messages: number; rate: number; seed: number },
): Promise<Told> {
  const posts = messagePosts(demo, messages, { seed, contacts: CONTACTS });
  const poster = createMessagePoster(demo, 64);
  const known = stream.toldAt.size;
  const times = new Map<string, { dueAt: number; answeredAt: number }>();
  const now = () => performance.timeOrigin + performance.now();
  const startedAt = now();
  const posted = posts.map(async (message, index) => {
    const dueAt = startedAt + (index * 1_000) / rate;
    await sleep(Math.max(0, dueAt - now()));
    await poster.post(message);
    times.set(message.sid, { dueAt, answeredAt: now() });
  });
  await Promise.all(posted);
  let last = { size: stream.toldAt.size, at: now() };
  while (stream.toldAt.size < known + messages) {
    stream.assertOpen();
    if (stream.toldAt.size > last.size) last = { size: stream.toldAt.size, at: now() };
    if (now() - last.at > PATIENCE_MS)
      throw new Error(`the stream told of ${last.size - known} messages of ${messages}, and of no more`);
    await sleep(50);
  }
  const seconds = (now() - startedAt) / 1_000;
  await poster.close();
  const { rows } = await stores.postgres.query<{ id: string; external_id: string; created_at: Date }>(
    'SELECT id, external_id, created_at FROM conversation_messages WHERE external_id = ANY($1)',
    [[...times.keys()]],
  );
  const told: Told = {
    ages: [],
    answers: [],
    untilWritten: [],
    untilTold: [],
    seconds,
    comeAgain: poster.told503(),
  };
  for (const { id, external_id: sid, created_at: writtenAt } of rows) {
    const { dueAt, answeredAt } = times.get(sid) ?? { dueAt: Number.NaN, answeredAt: Number.NaN };
    const toldAt = stream.toldAt.get(id) ?? Number.NaN;
    told.ages.push(toldAt - dueAt);
    told.answers.push(answeredAt - dueAt);
    told.untilWritten.push(writtenAt.getTime() - answeredAt);
    told.untilTold.push(toldAt - writtenAt.getTime());
  }
  return told;
}
