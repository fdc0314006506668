import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { firing } from '@switchboard/monitoring/firing';
import { readRules } from '@switchboard/monitoring/read-rules';
import { scrape } from '@switchboard/monitoring/scrape';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { clinics } from '../../services/ingest/src/testing/clinics.ts';
import { type IngestStack, startIngestStack } from '../../services/ingest/src/testing/ingest-stack.ts';
import { callBody, post, zoiceHeaders } from '../../services/ingest/src/testing/post-webhook.ts';
import { eventually } from '../../services/ingest/src/testing/topic-reader.ts';
import { type JobsProcess, startJobs } from '../../services/jobs/src/testing/process.ts';
import { type Bender, makeBender } from './bent.ts';

/** Ingest and jobs, each a process, with a broker and a Postgres of their own that go away. */

const path = `/api/v1/voice/webhook/${clinics.asha.slug}`;
const route = '/api/v1/voice/webhook/:tenant';
const [secret = { text: '' }] = clinics.asha.secrets;
let bender: Bender;
let stack: IngestStack;
let ingest: IngestStack['ingest'];
let jobs: JobsProcess;
let settings: Record<string, string>;

beforeAll(async () => {
  bender = await makeBender();
  stack = await startIngestStack(inject('engines').schemaRegistry);
  ingest = await stack.startIngest(bender.env);
  settings = {
    ...bender.env,
    DATABASE_URL: stack.postgres.url.replace('//postgres:', '//switchboard_sink:'),
    KAFKA_BROKERS: stack.kafka.url,
    KAFKA_TOPIC_PREFIX: stack.prefix,
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    JOBS_LAG_MS: '200',
  };
  jobs = await startJobs(settings);
  // A broker's first answer on new topics may take longer than a vendor waits.
  await eventually(async () => ((await tell()).status === 202 ? true : undefined));
});
afterAll(async () => {
  await jobs?.end('SIGKILL');
  await stack?.stop();
  await bender?.remove();
});

const until = (look: () => unknown) => expect.poll(look, { timeout: 30_000, interval: 100 });

function tell(signedBy = secret.text) {
  const body = JSON.stringify(callBody(randomUUID()));
  return post(`${ingest.url}${path}`, body, zoiceHeaders(signedBy, body));
}

/** Waits until an alert tells of a process what it must, while something happens to it again and again. */
async function whileAgain(alert: string, url: string, happens: () => Promise<unknown>, labels: object) {
  await happens();
  const before = await scrape(url);
  const startedAt = Date.now();
  await until(async () => {
    await happens();
    const now = await scrape(url);
    return firing(alert, { before, now, seconds: (Date.now() - startedAt) / 1_000 });
  }).toEqual([{ labels: expect.objectContaining(labels), value: expect.any(Number) }]);
}

it('where all is well no alert tells of anything', async () => {
  const before = [await scrape(ingest.url), await scrape(jobs.url)].join('\n');
  expect((await tell()).status).toBe(202);
  const now = [await scrape(ingest.url), await scrape(jobs.url)].join('\n');
  expect(now).toContain('switchboard_ingest_tenants_age_seconds');
  for (const { alert } of readRules()) expect([alert, firing(alert, { before, now })]).toEqual([alert, []]);
});

it('callers who are not who they say are told of', async () => {
  await whileAgain('SignaturesFail', ingest.url, () => tell('another'), { reason: 'wrong' });
});

it('requests that take more than two seconds are', async () => {
  const before = await scrape(ingest.url);
  await tellSlowly(2_100);
  expect(firing('HttpSlow', { before, now: await scrape(ingest.url) })).toMatchObject([
    { labels: { service: 'ingest', route } },
  ]);
  const quick = await scrape(ingest.url);
  await tellSlowly(1_100);
  expect(firing('HttpSlow', { before: quick, now: await scrape(ingest.url) })).toEqual([]);
});

it('a process that ends again and again is, however soon it is back', async () => {
  const scraped: string[] = [];
  for (let lives = 0; lives < 4; lives += 1) {
    const short = await startJobs(settings);
    scraped.push(await scrape(short.url));
    await short.end('SIGKILL');
    // It is told in whole seconds.
    await sleep(1_000);
  }
  const [now = '', before = '', ...earlier] = scraped.reverse();
  expect(firing('ProcessRestarts', { earlier: earlier.reverse(), before, now })).toMatchObject([
    { labels: { service: 'jobs' }, value: 3 },
  ]);
  expect(firing('ProcessRestarts', { before, now })).toEqual([]);
});

it('a group that leaves a topic for a minute is', async () => {
  await bender.bend(jobs.pid, { clockMs: 61_000 });
  await until(async () => firing('LagGrowsOld', { now: await scrape(jobs.url) })).toMatchObject([
    { labels: { consumergroup: 'switchboard.enrich', topic: 'voice-call.received.v1' } },
  ]);
});

it('that the broker is away is told of who writes, of who is answered for it, and of who asks where groups stand', async () => {
  // It has asked since its clock went ahead.
  await until(async () => firing('LagUnknown', { now: await scrape(jobs.url) })).toEqual([]);
  await stack.kafka.stop();
  await whileAgain('HttpErrors', ingest.url, tell, { service: 'ingest', route });
  await whileAgain('SendsToKafkaFail', ingest.url, tell, { service: 'ingest', code: expect.any(String) });
  await whileAgain('JobFails', jobs.url, async () => {}, { exported_job: 'lag' });
  await bender.bend(jobs.pid, { clockMs: 61_000 });
  await until(async () => firing('LagUnknown', { now: await scrape(jobs.url) })).toMatchObject([
    { labels: { service: 'jobs' } },
  ]);
});

it('that Postgres is away is told of an ingest that lives on clinics of long ago, and of one that never knew any', async () => {
  await stack.postgres.stop();
  const fresh = await stack.startIngest(bender.env);
  for (const { pid, url } of [ingest, fresh]) {
    expect(firing('TenantsStale', { now: await scrape(url) })).toEqual([]);
    await bender.bend(pid, { clockMs: 301_000 });
    await until(async () => firing('TenantsStale', { now: await scrape(url) })).toMatchObject([
      { labels: { service: 'ingest' } },
    ]);
  }
});

/** A call whose body comes so long after its headers. */
async function tellSlowly(ms: number): Promise<void> {
  const body = JSON.stringify(callBody(randomUUID()));
  const headers = Object.entries(zoiceHeaders(secret.text, body)).map(([name, value]) => `${name}: ${value}`);
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const socket = connect(ingest.port, '127.0.0.1');
  socket.write([`POST ${path} HTTP/1.1`, 'host: x', ...headers, length, '', ''].join('\r\n'));
  await sleep(ms);
  const answered = new Promise<string>((resolve) => socket.once('data', (data) => resolve(String(data))));
  socket.write(body);
  expect(await answered).toMatch(/^HTTP\/1\.1 202 /);
  socket.destroy();
}
