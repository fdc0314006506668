import { randomBytes } from 'node:crypto';
import { createSealer } from '@switchboard/platform';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { faultsBySeed, twilioErrors } from '@switchboard/testkit/twilio/twilio-faults';
import { startTwilio } from '@switchboard/testkit/twilio/twilio-server';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type MessagesClinic, makeMessagesClinic } from '../testing/messages-clinic.ts';
import { type JobsProcess, startJobs } from '../testing/process.ts';

const account = { accountSid: `AC${'4'.repeat(32)}`, authToken: 'the-token', number: '+912240001234' };
const key = randomBytes(32);
const conversations = 100;
const each = 10;
let database: TestDatabase;
let clinic: MessagesClinic;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  clinic = await makeMessagesClinic(database, createSealer(key), account);
});
afterAll(() => database.drop());

it('1,000 messages while both senders are killed and Twilio hangs up, delays and refuses: none twice, each in its order, each with its end', async () => {
  const server = await startTwilio({ accounts: [account] });
  const plan = faultsBySeed(1, [
    [0.02, { kind: 'cut', accepted: true }],
    [0.01, { kind: 'silent', accepted: true }],
    [0.01, { kind: 'broken', status: 503, accepted: true }],
    [0.01, { kind: 'cut', accepted: false }],
    [0.05, { ...twilioErrors.tooMany, retryAfter: '0' }],
    [0.02, twilioErrors.optedOut],
    [0.3, { kind: 'slow', ms: 200 }],
  ]);
  let neverTaken = 0;
  server.faults((request) => {
    const fault = plan(request);
    if (fault?.kind === 'cut' && !fault.accepted) neverTaken += 1;
    return fault;
  });
  for (let index = 0; index < conversations; index += 1) {
    const conversation = await clinic.addConversation(`+91981234${1_000 + index}`);
    for (let message = 0; message < each; message += 1)
      await clinic.queue(conversation, `${index}-${message}`);
  }
  const start = () =>
    startJobs({
      DATABASE_URL: database.urlAs('switchboard_sink'),
      SECRETS_KEY: key.toString('base64'),
      TWILIO_API_URL: server.url,
      JOBS_MESSAGE_TIMEOUT_MS: '1000',
      JOBS_MESSAGES_PER_SECOND: '100',
      JOBS_MESSAGE_SETTLED_MS: '15000',
    });
  const processes: JobsProcess[] = await Promise.all([start(), start()]);
  try {
    for (let kill = 0; kill < 6; kill += 1) {
      await expect
        .poll(() => server.requests.length, { timeout: 120_000, interval: 5 })
        .toBeGreaterThan(60 + kill * 120);
      await processes.shift()?.end('SIGKILL');
      processes.push(await start());
    }
    const open = async () => {
      // Patients write, too: that shows that the list is no old one.
      await server.receive({ ...account, from: '+919812300000', to: account.number, body: 'Hi' });
      return (await clinic.sent()).filter(({ state }) => state === 'queued' || state === 'sending').length;
    };
    await expect.poll(open, { timeout: 240_000, interval: 200 }).toBe(0);
  } finally {
    for (const one of processes) await one.end('SIGTERM');
    await server.close();
  }

  const taken = server.messages.filter(({ direction }) => direction === 'outbound-api');
  const accepted = taken.map(({ body }) => body);
  expect(new Set(accepted).size).toBe(accepted.length);
  const sent = await clinic.sent();
  const byBody = new Map(taken.map(({ body, sid }) => [body, sid]));
  for (const { body, state, external_id, status, error_code } of sent) {
    expect([body, byBody.get(body) ?? null]).toEqual([body, external_id]);
    expect([body, state === 'sent']).toEqual([body, byBody.has(body)]);
    // Whom Twilio refuses so is written to no more.
    if (state === 'failed')
      expect([body, status, error_code]).toEqual([
        body,
        'failed',
        expect.stringMatching(/^(21610|opted_out)$/),
      ]);
    if (state === 'unknown') expect([body, status]).toEqual([body, 'unknown']);
  }
  const unknown = sent.filter(({ state }) => state === 'unknown').length;
  console.info(
    `${accepted.length} sent, ${unknown} unknown; ${neverTaken} times cut off before it was taken`,
  );
  expect(neverTaken).toBeGreaterThan(0);
  expect(unknown).toBeLessThanOrEqual((conversations * each) / 1_000);
  for (let index = 0; index < conversations; index += 1) {
    const order = accepted
      .filter((body) => body.startsWith(`${index}-`))
      .map((body) => Number(body.split('-')[1]));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
}, 400_000);
