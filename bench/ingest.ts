import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, freePort, type ManagedProcess, startProcess } from '@switchboard/embedded';
import { startSwitchboard } from '@switchboard/start';
import type { LoadOrder } from './load/messages.ts';
import { runLoad } from './load/run-load.ts';
import { watchUsage } from './process-usage.ts';
import { type Bench, latencies, median, round } from './report.ts';
import { unlimited } from './unlimited.ts';

const ROUNDS = 3;
const WARM_UP_SECONDS = 5;
const CONNECTIONS = 64;
const OPEN_PER_SECOND = 1_000;
const BODY_BYTES = 6_000;

interface Round {
  perSecond: number;
  latencies: readonly number[];
}

/** The whole ingest with Kafka on the same cores, in turn with a bare Fastify; then ingest alone at a fixed rate. */
export const ingest: Bench = async ({ seconds = 10, emit, say }) => {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
  const running = await startSwitchboard({ dir, services: ['ingest'], env: unlimited, say });
  const secret = running.demo.webhook_secret;
  const bare = await startBare(dir, secret);
  const writing = await startBare(dir, secret, running.demo.kafka);
  const ours = `${running.demo.ingest}/api/v1/voice/webhook`;
  const order = (url: string, rest: Partial<LoadOrder> = {}): LoadOrder => ({
    url,
    secret,
    kind: 'closed',
    connections: CONNECTIONS,
    perSecond: OPEN_PER_SECOND,
    seconds,
    turns: 12,
    bytes: BODY_BYTES,
    bodies: CONNECTIONS * 16,
    seed: 1,
    ...rest,
  });
  const watch = watchUsage(() => ({
    ingest: running.pid('ingest'),
    kafka: running.pid('kafka'),
    'bare fastify': bare.pid,
  }));
  try {
    for (const url of [ours, bare.url, writing.url]) await runLoad(order(url, { seconds: WARM_UP_SECONDS }));
    const rounds: { ours: Round; bare: Round; writing: Round }[] = [];
    const cpuBefore = watch.cpuMs();
    for (let index = 0; index < ROUNDS; index += 1) {
      const three = {
        ours: await closedRound(order(ours)),
        bare: await closedRound(order(bare.url)),
        writing: await closedRound(order(writing.url)),
      };
      const [first, second, third] = [three.ours, three.bare, three.writing].map(
        ({ perSecond }) => perSecond,
      );
      say(`round ${index + 1}: ${first}/s, bare ${second}/s, bare and writing ${third}/s`);
      rounds.push(three);
    }
    const cpu = watch.cpuMs();
    const count = rounds.reduce((sum, { ours: { latencies } }) => sum + latencies.length, 0);
    const perRequest = (name: string) => round(((cpu[name] ?? 0) - (cpuBefore[name] ?? 0)) / count, 3);
    emit({
      bench: 'ingest',
      what: `closed loop, ${CONNECTIONS} connections, ${BODY_BYTES} bytes: webhook to the broker's answer`,
      count,
      unit: 'webhooks',
      seconds: round(seconds * ROUNDS),
      per_second: median(rounds.map(({ ours }) => ours.perSecond)),
      ...latencies(rounds.flatMap(({ ours }) => ours.latencies)),
      peak_memory_mib: watch.peaks(),
      cpu_ms_per_unit: { ingest: perRequest('ingest'), kafka: perRequest('kafka') },
      reference: {
        what: 'bare Fastify: body parsed, HMAC checked, nothing kept, Kafka running beside it',
        per_second: median(rounds.map(({ bare }) => bare.perSecond)),
        p99_ms: latencies(rounds.flatMap(({ bare }) => bare.latencies)).p99_ms,
      },
      ratio: round(median(rounds.map(({ ours, bare }) => ours.perSecond / bare.perSecond)), 3),
      rounds: rounds.map(({ ours }) => ours.perSecond),
      figures: {
        bare_that_writes_the_body_to_kafka_per_second: median(rounds.map(({ writing }) => writing.perSecond)),
        ratio_to_it: round(median(rounds.map(({ ours, writing }) => ours.perSecond / writing.perSecond)), 3),
      },
    });
    const open = order(ours, { kind: 'open', seconds: seconds * 2 });
    const bareOpen = await runLoad({ ...open, url: bare.url });
    const answer = await runLoad(open);
    emit({
      bench: 'ingest',
      what: `open loop, ${OPEN_PER_SECOND} a second: due to answered`,
      count: answer.latencies.length,
      unit: 'webhooks',
      seconds: round(answer.seconds),
      per_second: round(answer.latencies.length / answer.seconds),
      ...latencies(answer.latencies),
      peak_memory_mib: watch.peaks(),
      reference: {
        what: 'bare Fastify at the same rate',
        per_second: round(bareOpen.latencies.length / bareOpen.seconds),
        p99_ms: latencies(bareOpen.latencies).p99_ms,
      },
    });
  } finally {
    await watch.stop();
    await bare.stop();
    await writing.stop();
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function closedRound(order: LoadOrder): Promise<Round> {
  const answer = await runLoad(order);
  return { perSecond: round(answer.latencies.length / answer.seconds, 0), latencies: answer.latencies };
}

/** @param broker where it writes each body to; undefined: it keeps nothing */
async function startBare(dir: string, secret: string, broker?: string): Promise<ManagedProcess> {
  const port = await freePort();
  const name = broker ? 'bare-fastify-and-kafka' : 'bare-fastify';
  return startProcess({
    name,
    port,
    url: `http://127.0.0.1:${port}/`,
    logFile: join(dir, `${name}.log`),
    command: process.execPath,
    args: [
      fileURLToPath(new URL('./bare-fastify.ts', import.meta.url)),
      String(port),
      secret,
      ...(broker ? [broker] : []),
    ],
    cwd: dir,
    env: childEnv(),
    isReady: (log) => log.includes('listening'),
    readyTimeoutMs: 10_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
  });
}
