import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@switchboard/embedded';
import { answerGet } from './twilio-answers.ts';
import type { FaultPlan, SendRequest, TwilioFault } from './twilio-faults.ts';
import { messageResource, type TwilioMessage, type TwilioStatus, twilioSid } from './twilio-messages.ts';
import type { CallbackPlan, TwilioServer, TwilioServerOptions } from './twilio-server-types.ts';
import { inboundForm, postSigned, shuffleStatuses, statusForm } from './twilio-webhooks.ts';

export async function startTwilio({
  accounts,
  seed = 1,
  now = Date.now,
}: TwilioServerOptions): Promise<TwilioServer> {
  const requests: SendRequest[] = [];
  const messages: TwilioMessage[] = [];
  const answers: number[] = [];
  const posting = new Set<Promise<void>>();
  let faults: FaultPlan = () => undefined;
  let callbacks: CallbackPlan | undefined;
  let lateMs = 0;
  let mediaAt: ((mediaSid: string) => string) | undefined;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;

  function post(to: string, form: Record<string, string>): Promise<void> {
    const token = accounts.find(({ accountSid }) => accountSid === form.AccountSid)?.authToken ?? '';
    const done = postSigned({ url: to, form }, token).then((status) => {
      answers.push(status);
      posting.delete(done);
    });
    posting.add(done);
    return done;
  }

  function change(message: TwilioMessage, status: TwilioStatus, errorCode: number | null): void {
    message.status = status;
    message.errorCode = errorCode;
    message.sentAt ??= new Date(now());
  }

  function accept(accountSid: string, form: URLSearchParams, fault: TwilioFault | undefined): TwilioMessage {
    const message: TwilioMessage = {
      sid: twilioSid('SM', seed, messages.length),
      accountSid,
      direction: 'outbound-api',
      from: form.get('From') ?? '',
      to: form.get('To') ?? '',
      body: form.get('Body') ?? renderTemplate(form),
      status: 'queued',
      errorCode: null,
      createdAt: new Date(now()),
      sentAt: null,
      media: [],
      mediaUrls: form.getAll('MediaUrl'),
      statusCallback: form.get('StatusCallback'),
      contentSid: form.get('ContentSid'),
      contentVariables: form.get('ContentVariables'),
    };
    messages.push(message);
    const errorCode = fault?.kind === 'fails later' ? fault.code : null;
    const happens: readonly TwilioStatus[] = errorCode ? ['failed'] : (callbacks?.statuses ?? []);
    const order = shuffleStatuses(happens, {
      seed: seed + messages.length,
      twice: 0,
      outOfOrder: 0,
      ...callbacks,
    });
    const told = (async () => {
      // After the answer, mostly; the receiver must not rely on it.
      await new Promise((resolve) => setImmediate(resolve));
      const last = happens.at(-1);
      if (last) change(message, last, errorCode);
      for (const status of order)
        if (message.statusCallback) await post(message.statusCallback, statusForm(message, status));
    })().finally(() => posting.delete(told));
    posting.add(told);
    return message;
  }

  async function create(
    accountSid: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const form = new URLSearchParams(await text(request));
    const [to, from, body] = [form.get('To') ?? '', form.get('From') ?? '', form.get('Body') ?? ''];
    const attempt = 1 + requests.filter((one) => one.to === to && one.body === body).length;
    const asked = { number: requests.length + 1, attempt, to, from, body };
    requests.push(asked);
    if (to === '' || from === '' || (body === '' && !form.get('ContentSid') && !form.get('MediaUrl')))
      return sendError(response, { status: 400, code: to === '' ? 21_604 : 21_602 });
    const fault = faults(asked);
    if (fault?.kind === 'refused') return sendError(response, fault);
    const isAccepted = fault === undefined || !('accepted' in fault) || fault.accepted;
    const message = isAccepted ? accept(accountSid, form, fault) : undefined;
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind === 'broken')
      return void response
        .writeHead(fault.status, { 'content-type': 'text/html' })
        .end('<html>Bad gateway</html>');
    const answer =
      message && JSON.stringify({ ...messageResource(message), status: 'queued', error_code: null });
    await late(fault?.kind === 'slow' ? fault.ms : lateMs);
    response.writeHead(201, { 'content-type': 'application/json' }).end(answer);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const medium = /^\/media\/(ME[0-9a-f]{32})$/.exec(pathname)?.[1];
    if (medium) {
      await late(lateMs);
      const found = messages.flatMap(({ media }) => media).find(({ sid }) => sid === medium);
      response
        .writeHead(found ? 200 : 404, { 'content-type': found?.contentType ?? 'text/plain' })
        .end(found?.bytes);
      return;
    }
    const [accountSid, path] =
      /^\/2010-04-01\/Accounts\/(AC[0-9a-f]{32})(\/.*)$/.exec(pathname)?.slice(1) ?? [];
    const login = accounts.find((one) => one.accountSid === accountSid);
    const expected = login && `Basic ${btoa(`${login.accountSid}:${login.authToken}`)}`;
    if (!accountSid || !path || request.headers.authorization !== expected || !expected)
      return sendError(response, { status: 401, code: 20_003 });
    if (request.method === 'POST' && path === '/Messages.json') return create(accountSid, request, response);
    await late(lateMs);
    const own = messages.filter((message) => message.accountSid === accountSid);
    const answer = request.method === 'GET' ? answerGet(own, accountSid, path, searchParams) : undefined;
    if (answer === undefined) return sendError(response, { status: 404, code: 20_404 });
    if ('media' in answer) {
      const location = mediaAt?.(answer.media) ?? `${url}/media/${answer.media}`;
      response.writeHead(307, { location }).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await listen();

  return {
    url,
    requests,
    messages,
    answers,
    faults(plan) {
      faults = plan ?? (() => undefined);
    },
    callbacks(plan) {
      callbacks = plan;
    },
    async advance(sid, status, { lost = false, errorCode } = {}) {
      const message = messages.find((one) => one.sid === sid);
      if (!message) throw new RangeError('there is no such message');
      change(message, status, errorCode ?? null);
      if (!lost && message.statusCallback) await post(message.statusCallback, statusForm(message, status));
    },
    async receive({ accountSid, from, to, body, media = [], fields = {}, postTo, at }) {
      const index = messages.length;
      const createdAt = at ?? new Date(now());
      const message: TwilioMessage = {
        sid: twilioSid(media.length > 0 ? 'MM' : 'SM', seed, index),
        accountSid,
        direction: 'inbound',
        from: `whatsapp:${from}`,
        to: `whatsapp:${to}`,
        body,
        status: 'received',
        errorCode: null,
        createdAt,
        sentAt: createdAt,
        mediaUrls: [],
        media: media.map((one, place) => ({ ...one, sid: twilioSid('ME', seed, index * 10 + place) })),
        statusCallback: null,
        contentSid: null,
        contentVariables: null,
      };
      messages.push(message);
      const base = `${url}/2010-04-01/Accounts/${accountSid}/Messages/${message.sid}/Media`;
      const mediaUrl = (place: number) => `${base}/${message.media[place]?.sid}`;
      if (postTo) await post(postTo, inboundForm(message, mediaUrl, fields));
      return message;
    },
    slow(ms) {
      lateMs = ms;
    },
    redirectMedia(to) {
      mediaAt = to;
    },
    async idle() {
      while (posting.size > 0) await Promise.all(posting);
    },
    async kill(away) {
      await close();
      await (typeof away === 'number' ? sleep(away) : away);
      await listen();
    },
    close,
  };
}

/** Whoever waits for it may be gone: it keeps no process alive. */
async function late(ms: number): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { ref: false });
}

function sendError(
  response: ServerResponse,
  { status, code, retryAfter }: { status: number; code: number; retryAfter?: string },
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  });
  const message = `Twilio refuses this with ${code}`;
  response.end(
    JSON.stringify({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }),
  );
}

/** A template's own words are not known here: its name, and what was put into it. */
function renderTemplate(form: URLSearchParams): string {
  const template = form.get('ContentSid');
  if (!template) return '';
  const variables: Record<string, string> = JSON.parse(form.get('ContentVariables') || '{}');
  return [`[${template}]`, ...Object.values(variables)].join(' ');
}
