import { createRandom } from '@switchboard/testkit/simulate/random';
import type { TwilioMessage, TwilioStatus } from '@switchboard/testkit/twilio/twilio-messages';
import { inboundForm, signedHeaders, statusForm } from '@switchboard/testkit/twilio/twilio-webhooks';
import { goOn, whenThere } from './go-on.ts';
import { insist, textIn } from './insist.ts';
import { compareRows, createFindings, withoutFile } from './list-findings.ts';
import { createStaff, refusal } from './staff.ts';
import { type Asked, twilioAccount, type World, type Writer } from './world.ts';

const inboundEveryMs = 700;
const callbacksEveryMs = 400;
const statuses: readonly TwilioStatus[] = ['sent', 'delivered', 'read'];
const texts = [
  'Hello, may I come tomorrow at four?',
  'Please cancel my appointment.',
  'What do you charge for a cleaning?',
  'Thank you, doctor!',
  'Mujhe kal subah aana hai.',
];
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** How many phones patients write from. */
const phones = 30;

export function phoneOf(index: number): string {
  return `+9197000${String(10_000 + index)}`;
}

/** Patients on WhatsApp, Twilio's webhooks of what they write and how far answers got, and staff who answer. */
export function writeWhatsapp(world: World): Writer {
  const { running, seed, durationMs, stores, pace, ended, once = false } = world;
  const { demo } = running;
  const random = createRandom(seed + 20);
  const asked: Asked[] = [];
  const staff = createStaff(world, asked);
  const inbound = new Set<string>();
  /** What was told of each message, by its SID: the last one is how it ends. */
  const told = new Map<string, TwilioStatus[]>();
  /** Answers that the API took: text by id. */
  const answers = new Map<string, string>();
  /** Texts of those that go out with a file. */
  const withFiles = new Set<string>();
  const refused: string[] = [];

  async function postForm(url: string, form: Record<string, string>): Promise<void> {
    const { status } = await insist(url, {
      asked,
      init: () => ({
        method: 'POST',
        headers: signedHeaders({ url, form }, demo.twilio_auth_token),
        body: new URLSearchParams(form).toString(),
      }),
    });
    if (status !== 200) refused.push(`webhook ${status}`);
  }

  async function receive(index: number): Promise<void> {
    const message = await world.twilio.receive({
      accountSid: twilioAccount.accountSid,
      from: phoneOf(random.between(0, phones - 1)),
      to: twilioAccount.number,
      body: `${random.pick(texts)} (${index})`,
      media: random.chance(0.1) ? [{ contentType: 'image/png', bytes: pixel }] : [],
    });
    const base = `${world.twilio.url}/2010-04-01/Accounts/${message.accountSid}/Messages/${message.sid}/Media`;
    const form = inboundForm(message, (place) => `${base}/${message.media[place]?.sid}`, {});
    const url = `${demo.ingest}/api/v1/whatsapp/webhook`;
    const again = random.chance(once ? 0 : 0.1);
    const answered = random.chance(0.5);
    await Promise.all([postForm(url, form), ...(again ? [postForm(url, form)] : [])]);
    inbound.add(message.sid);
    if (answered) await answer(message, index);
  }

  async function answer({ sid }: TwilioMessage, index: number): Promise<void> {
    const conversation = await whenThere(async () => {
      const { rows } = await stores.postgres.query<{ id: string }>(
        'SELECT conversation_id AS id FROM conversation_messages WHERE tenant_id = $1 AND external_id = $2',
        [demo.tenant, sid],
      );
      return rows[0]?.id;
    });
    const text = `Answer ${seed}-${index}`;
    const path = `/api/v1/conversations/${conversation}/messages`;
    const file = index % 5 === 0 ? await upload(text) : {};
    const send = () =>
      staff.ask('POST', path, { text, ...file }, { 'idempotency-key': `key-${seed}-${durationMs}-${index}` });
    // A second click now and then.
    const twice = random.chance(0.1);
    for (const result of await Promise.all(twice ? [send(), send()] : [send()])) {
      if (result.status === 201 || result.status === 200)
        answers.set(String(Reflect.get(Object(result.body), 'id')), text);
      else refused.push(`answer ${refusal(result)}`);
    }
  }

  /** A picture of its own for this answer. */
  async function upload(text: string): Promise<{ file_id: string }> {
    const taken = await staff.upload(Buffer.concat([pixel, Buffer.from(text)]), 'image/png');
    if (taken.status !== 201) refused.push(`file ${refusal(taken)}`);
    withFiles.add(text);
    return { file_id: textIn(taken.body, 'id') };
  }

  /** Twilio tells of each message that went out how far it got, a status at a time, until it was read. */
  async function tellStatuses(): Promise<void> {
    const out = world.twilio.messages.filter(
      ({ direction, sid, statusCallback }) =>
        direction === 'outbound-api' && statusCallback !== null && !told.has(sid),
    );
    await Promise.all(
      out.map(async ({ sid, statusCallback }) => {
        const sofar: TwilioStatus[] = [];
        told.set(sid, sofar);
        for (const status of statuses) {
          await world.twilio.advance(sid, status, { lost: true });
          const message = world.twilio.messages.find((one) => one.sid === sid);
          if (!message || statusCallback === null) continue;
          await postForm(statusCallback, statusForm(message, status));
          sofar.push(status);
        }
      }),
    );
  }

  async function run(): Promise<void> {
    let over = false;
    const receiving = goOn({ everyMs: inboundEveryMs / pace, forMs: durationMs, ended }, receive).finally(
      () => {
        over = true;
      },
    );
    const telling = (async () => {
      while (!over) {
        await tellStatuses();
        await new Promise((resolve) => setTimeout(resolve, callbacksEveryMs));
      }
    })();
    await Promise.all([receiving, telling]);
  }

  /** What is still to go out does so now, its statuses are told, and its files fetched; then nothing more is to come. */
  async function settle(): Promise<void> {
    await whenThere(async () => {
      if ((await openWork()) === 0) return true;
      // Life goes on: by what came later it is known that Twilio's list shows all that came before.
      await world.twilio.receive({
        accountSid: twilioAccount.accountSid,
        from: '+919812300000',
        to: '+912249999999',
        body: 'To another number of the account',
      });
      return undefined;
    });
    await tellStatuses();
  }

  async function openWork(): Promise<number> {
    const { rows } = await stores.postgres.query<{ n: number }>(
      `SELECT (SELECT count(*) FROM message_sends WHERE tenant_id = $1 AND state IN ('queued', 'sending'))::int
         + (SELECT count(*) FROM message_media WHERE tenant_id = $1 AND state = 'pending')::int AS n`,
      [demo.tenant],
    );
    return rows[0]?.n ?? 0;
  }

  async function check(): Promise<string[]> {
    const findings = createFindings();
    findings.list('webhooks and answers that were refused', refused);
    const { rows: stored } = await stores.postgres.query<{ key: string; says: string }>(
      `SELECT external_id AS key, CASE direction WHEN 'inbound' THEN 'received' ELSE status END AS says
       FROM conversation_messages WHERE tenant_id = $1 AND source = 'twilio' OR external_id = ANY ($2)`,
      [demo.tenant, [...inbound, ...told.keys()]],
    );
    const wanted = new Map<string, string>([...inbound].map((sid) => [sid, 'received']));
    for (const [sid, words] of told) wanted.set(sid, words.at(-1) ?? 'queued');
    const { rows: sends } = await stores.postgres.query<{ id: string; state: string; sid: string | null }>(
      `SELECT s.message_id AS id, s.state, m.external_id AS sid FROM message_sends s
       JOIN conversation_messages m ON m.tenant_id = s.tenant_id AND m.id = s.message_id WHERE s.tenant_id = $1`,
      [demo.tenant],
    );
    const states = new Map(sends.map((send) => [send.id, send]));
    const outbound = world.twilio.messages.filter(({ direction }) => direction === 'outbound-api');
    const out = Map.groupBy(outbound, ({ body }) => body);
    findings.list(
      'answers that were taken and are not there',
      [...answers.keys()].filter((id) => !states.has(id)),
    );
    findings.list(
      'answers that nobody asked for',
      [...states.keys()].filter((id) => !answers.has(id)),
    );
    findings.list(
      'answers that went out twice',
      [...answers.values()].filter((text) => (out.get(text)?.length ?? 0) > 1),
    );
    findings.list('answers that went out without their file', withoutFile(withFiles, outbound));
    // Of one that nobody knows of it is said so, and it is not sent again.
    findings.list(
      'answers that are not what became of them',
      [...answers].flatMap(([id, text]) => {
        const { state, sid } = states.get(id) ?? {};
        const went = out.get(text)?.[0]?.sid;
        const isRight = state === 'sent' ? sid === went : state === 'unknown';
        return isRight ? [] : [`${id}: ${state}`];
      }),
    );
    const { rows: media } = await stores.postgres.query<{ id: string }>(
      `SELECT message_id AS id FROM message_media WHERE tenant_id = $1 AND state <> 'stored'`,
      [demo.tenant],
    );
    findings.list(
      'pictures that were not fetched',
      media.map(({ id }) => id),
    );
    return [...findings.lines, ...compareRows('messages', wanted, stored)];
  }

  return {
    name: 'whatsapp',
    asked,
    run,
    settle,
    check,
    events: () => inbound.size + [...told.values()].reduce((sum, words) => sum + new Set(words).size, 0),
    notes: () => ({
      inbound: inbound.size,
      answers: answers.size,
      files: withFiles.size,
      'went out': told.size,
    }),
  };
}
