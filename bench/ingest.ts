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

const ROUNDS = 3;
const WARM_UP_SECONDS = 5;
const CONNECTIONS = 64;
const OPEN_PER_SECOND = 1_000;
const BODY_BYTES = 6_000;
const unlimited = {
  INGEST_ADDRESS_LIMIT_PER_MINUTE: '1000000000',
  INGEST_TENANT_LIMIT_PER_MINUTE: '1000000000',
};

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
    for (const url of [ours, bare.url]) await runLoad(order(url, { seconds: WARM_UP_SECONDS }));
    const rounds: { ours: Round; bare: Round }[] = [];
    const cpuBefore = watch.cpuMs();
    for (let index = 0; index < ROUNDS; index += 1) {
      const pair = { ours: await closedRound(order(ours)), bare: await closedRound(order(bare.url)) };
      say(`round ${index + 1}: ${pair.ours.perSecond}/s, bare ${pair.bare.perSecond}/s`);
      rounds.push(pair);
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
    await running.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

async function closedRound(order: LoadOrder): Promise<Round> {
  const answer = await runLoad(order);
  return { perSecond: round(answer.latencies.length / answer.seconds, 0), latencies: answer.latencies };
}

async function startBare(dir: string, secret: string): Promise<ManagedProcess> {
  const port = await freePort();
  return startProcess({
    name: 'bare-fastify',
    port,
    url: `http://127.0.0.1:${port}/`,
    logFile: join(dir, 'bare-fastify.log'),
    command: process.execPath,
    args: [fileURLToPath(new URL('./bare-fastify.ts', import.meta.url)), String(port), secret],
    cwd: dir,
    env: childEnv(),
    isReady: (log) => log.includes('listening'),
    readyTimeoutMs: 10_000,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
  });
}
