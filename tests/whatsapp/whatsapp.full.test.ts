import { createClinicEventWriter } from '@switchboard/testkit/simulate/clinic-event';
import { postAllEvents } from '@switchboard/testkit/simulate/post-events';
import { twilioErrors } from '@switchboard/testkit/twilio/twilio-faults';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { comeToRest } from '../chaos/come-to-rest.ts';
import { runVerify } from '../chaos/run-verify.ts';
import { type OwnSystem, startOwnSystem } from '../chaos/start-own-system.ts';
import { textIn } from '../chaos/traffic/insist.ts';
import { type Clinic, openClinic, type ThreadMessage } from './clinic-and-patients.ts';
import { type ConversationStream, openConversationStream } from './conversation-stream.ts';
import { drawPicture } from './draw-picture.ts';

/** WhatsApp from outside: patients behind Twilio, staff behind the API, and nothing looked at but what these see. */

const [asha, ravi, meera] = ['+919812345601', '+919812345602', '+919812345603'];
const picture = drawPicture(600, 400);
const long = { timeout: 180_000, interval: 100 };
let system: OwnSystem;
let clinic: Clinic;
let stream: ConversationStream;
let conversation = '';

beforeAll(async () => {
  system = await startOwnSystem();
  clinic = openClinic(system);
  stream = await openConversationStream(clinic.demo);
}, 600_000);
afterAll(async () => {
  stream?.stop();
  await system?.stop();
}, 120_000);

const messageOf = async (id: string) => (await clinic.thread(conversation)).find((one) => one.id === id);
const withText = async (text: string) => (await clinic.thread(conversation)).find((one) => one.text === text);
const found = async (text: string): Promise<ThreadMessage> => {
  await expect.poll(() => withText(text), long).toBeDefined();
  const message = await withText(text);
  if (!message) throw new Error('it was there a moment ago');
  return message;
};
const sidOf = (body: string) => system.twilio.messages.find((one) => one.body === body)?.sid ?? '';
async function answered(text: string, key: string, body: object = { text }): Promise<string> {
  const { status, body: message } = await clinic.answer(conversation, body, key);
  expect([status, textIn(message, 'status')]).toEqual([201, 'queued']);
  return textIn(message, 'id');
}

it('a patient writes with a picture: it is in the list, in the thread and on the stream, and the picture has a thumbnail', async () => {
  await clinic.write(asha, 'I want to book an appointment. Here is my tooth.', {
    picture,
    fields: { ProfileName: 'Asha' },
  });
  await expect.poll(() => clinic.conversationOf(asha), long).toMatchObject({ unread: 1, status: 'open' });
  conversation = (await clinic.conversationOf(asha))?.id ?? '';
  const message = await found('I want to book an appointment. Here is my tooth.');
  expect(message).toMatchObject({ direction: 'inbound', kind: 'media', intent: 'book_appointment' });
  await expect
    .poll(() => stream.received, long)
    .toContainEqual({ kind: 'message', conversation_id: conversation, message_id: message.id });
  await expect
    .poll(async () => (await messageOf(message.id))?.media, long)
    .toMatchObject([{ state: 'stored', content_type: 'image/png' }]);
  const url = (await messageOf(message.id))?.media[0]?.url ?? '';
  const fetched = async (path: string) => {
    const headers = { 'x-api-key': clinic.demo.api_key };
    const answer = await fetch(`${clinic.demo.api}${path}`, { headers });
    return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const file = await fetched(url);
  expect([file.type, picture.equals(file.bytes)]).toEqual(['image/png', true]);
  await expect
    .poll(async () => (await fetched(`${url}/thumbnail`)).type, long)
    .toMatch(/^image\/(webp|jpeg|png)$/);
});

it('staff answer: it goes out once, and its callbacks, twice and out of order, end in read', async () => {
  system.twilio.callbacks({ statuses: ['sent', 'delivered', 'read'], twice: 1, outOfOrder: 1 });
  const id = await answered('Come tomorrow at nine.', 'answer-1');
  const again = await clinic.answer(conversation, { text: 'Come tomorrow at nine.' }, 'answer-1');
  expect([again.status, textIn(again.body, 'id')]).toEqual([200, id]);
  await expect.poll(async () => (await messageOf(id))?.status, long).toBe('read');
  await system.twilio.idle();
  expect(system.twilio.requests.map(({ body }) => body)).toEqual(['Come tomorrow at nine.']);
  expect(stream.received).toContainEqual({ kind: 'status', conversation_id: conversation, message_id: id });
  await comeToRest(clinic.demo, system.stores.postgres, 180_000);
  expect((await messageOf(id))?.status).toBe('read');
});

it('a reply quotes, a reaction stands at its message, and an edit changes what was said', async () => {
  const answer = await found('Come tomorrow at nine.');
  const to = { OriginalRepliedMessageSid: sidOf('Come tomorrow at nine.') };
  await clinic.write(asha, 'Nine is fine.', { fields: to });
  await clinic.write(asha, '👍', { fields: { MessageType: 'reaction', ...to } });
  const reply = await found('Nine is fine.');
  expect(reply.quoted).toMatchObject({ id: answer.id, text: 'Come tomorrow at nine.' });
  await expect
    .poll(async () => (await messageOf(answer.id))?.reactions, long)
    .toMatchObject([{ direction: 'inbound', emoji: '👍' }]);
  const edited = { MessageType: 'edit', OriginalMessageSid: sidOf('Nine is fine.') };
  await clinic.write(asha, 'Ten is better.', { fields: edited });
  await expect.poll(async () => (await messageOf(reply.id))?.text, long).toBe('Ten is better.');
  expect((await messageOf(reply.id))?.edited_at).not.toBeNull();
  const quoting = await answered('Ten it is.', 'answer-2', {
    text: 'Ten it is.',
    quoted_message_id: reply.id,
  });
  await expect.poll(async () => (await messageOf(quoting))?.status, long).toBe('read');
  expect((await messageOf(quoting))?.quoted).toMatchObject({ id: reply.id, text: 'Ten is better.' });
});

it('what Twilio refuses, at once or later, is shown with why', async () => {
  system.twilio.faults(({ body }) =>
    body === 'Late'
      ? { kind: 'fails later', code: 63_016 }
      : body === 'Never'
        ? twilioErrors.optedOut
        : undefined,
  );
  const [late, never] = [await answered('Late', 'answer-3'), await answered('Never', 'answer-4')];
  await expect
    .poll(() => messageOf(late), long)
    .toMatchObject({
      status: 'failed',
      failure: {
        code: '63016',
        reason: 'More than 24 hours had passed since the contact wrote. Send a template.',
      },
    });
  await expect
    .poll(() => messageOf(never), long)
    .toMatchObject({
      status: 'failed',
      failure: { code: '21610', reason: 'The contact asked not to be written to.' },
    });
  system.twilio.faults(undefined);
});

it('who writes STOP is written to no more, until START', async () => {
  await clinic.write(ravi, 'Hello');
  await expect.poll(() => clinic.conversationOf(ravi), long).toBeDefined();
  const { id = '' } = (await clinic.conversationOf(ravi)) ?? {};
  await clinic.write(ravi, 'STOP');
  const canSend = async () => (await clinic.read<{ can_send: object }>(`/conversations/${id}`)).can_send;
  await expect.poll(canSend, long).toEqual({ text: false, template: false, reason: 'opted_out' });
  const refused = await clinic.answer(id, { text: 'Please come.' }, 'answer-5');
  expect([refused.status, textIn(refused.body, 'code')]).toEqual([409, 'opted_out']);
  await clinic.write(ravi, 'START');
  await expect.poll(canSend, long).toMatchObject({ text: true });
  const { status } = await clinic.answer(id, { text: 'Welcome back.' }, 'answer-6');
  expect(status).toBe(201);
  await expect.poll(() => sidOf('Welcome back.'), long).not.toBe('');
  expect(sidOf('Please come.')).toBe('');
});

it('outside the window a text is refused and a template goes out', async () => {
  const told = createClinicEventWriter('old', 'Asia/Kolkata').write(
    'message.sent',
    'M-old-1',
    Date.now() - 3 * 86_400_000,
    {
      channel: 'whatsapp',
      direction: 'inbound',
      from_address: meera,
      body: 'When are you open?',
    },
  );
  await postAllEvents({ url: `${clinic.demo.ingest}/api/v1/events`, key: clinic.demo.api_key }, [told]);
  await expect.poll(() => clinic.conversationOf(meera), long).toBeDefined();
  const { id = '' } = (await clinic.conversationOf(meera)) ?? {};
  const refused = await clinic.answer(id, { text: 'Always.' }, 'answer-7');
  expect([refused.status, textIn(refused.body, 'code')]).toEqual([409, 'outside_window']);
  const template = { template: `HX${'1'.repeat(32)}`, variables: { 1: 'Monday' } };
  expect((await clinic.answer(id, template, 'answer-8')).status).toBe(201);
  const sentTemplate = () =>
    system.twilio.messages.find(({ contentSid }) => contentSid === template.template);
  await expect
    .poll(sentTemplate, long)
    .toMatchObject({ to: `whatsapp:${meera}`, contentVariables: '{"1":"Monday"}' });
});

it('the numbers moved: messages by direction, how far they got, and how soon somebody answered', async () => {
  const { demo } = clinic;
  await system.twilio.idle();
  await comeToRest(demo, system.stores.postgres, 180_000);
  const sums = await system.stores.clickhouse.query(
    `SELECT sumIf(messages, direction = 'inbound') AS inbound, sumIf(messages, direction = 'outbound') AS outbound,
       sum(read) AS read, sum(failed) AS failed, sum(template) AS templates, sum(opt_out) AS opt_outs
     FROM analytics_message_daily WHERE tenant_id = {tenant:UUID} AND basis = 'sent'`,
    { tenant: demo.tenant },
    { output_format_json_quote_64bit_integers: 0 },
  );
  // A reaction came in as well; an edit is the same message.
  expect(sums).toEqual([{ inbound: 7, outbound: 6, read: 4, failed: 2, templates: 1, opt_outs: 1 }]);
  const answers = await system.stores.clickhouse.query(
    `SELECT sum(sign) AS conversations, sumIf(sign, notEmpty(first_response_ms_hist)) AS answered
     FROM fact_conversation WHERE tenant_id = {tenant:UUID} AND basis = 'created'`,
    { tenant: demo.tenant },
    { output_format_json_quote_64bit_integers: 0 },
  );
  expect(answers).toEqual([{ conversations: 3, answered: 3 }]);
  expect(await runVerify(demo)).toMatchObject({ drift: 0 });
});
