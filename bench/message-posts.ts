import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '@switchboard/start';
import { createCallGenerator } from '@switchboard/testkit/simulate/call-generator';
import { signedHeaders } from '@switchboard/testkit/twilio/twilio-webhooks';
import { Pool } from 'undici';

/** A message of a patient as Twilio posts it, signed. */
export interface MessagePost {
  sid: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface MessagePostsOptions {
  /** Ids differ by it. */
  seed: number;
  /** So many contacts write in turn. */
  contacts: number;
}

const clinicNumber = 'whatsapp:+912240001234';

/** Messages in the words of simulated callers. The same options give the same messages. */
export function messagePosts(
  { tenant, twilio_public_url: publicUrl, twilio_auth_token: token }: Demo,
  count: number,
  { seed, contacts }: MessagePostsOptions,
): MessagePost[] {
  const texts = callersTexts(seed);
  const path = `/api/v1/whatsapp/webhook/${tenant}`;
  return Array.from({ length: count }, (_, index) => {
    const sid = `SM${seed.toString(16).padStart(8, '0')}${index.toString(16).padStart(24, '0')}`;
    const contact = `9198${String(11_000_000 + (index % contacts))}`;
    const form = {
      MessageSid: sid,
      SmsStatus: 'received',
      From: `whatsapp:+${contact}`,
      To: clinicNumber,
      Body: String(texts.next().value),
      NumMedia: '0',
      NumSegments: '1',
      WaId: contact,
    };
    return {
      sid,
      path,
      headers: signedHeaders({ url: `${publicUrl}${path}`, form }, token),
      body: new URLSearchParams(form).toString(),
    };
  });
}

export interface MessagePoster {
  /** Comes again when ingest says so (503). @throws Error when the answer is another than `200`: what is refused is not measured */
  post(message: MessagePost): Promise<void>;
  /** How often ingest said so. */
  told503(): number;
  close(): Promise<void>;
}

const comeAgainMs = 500;

export function createMessagePoster({ ingest }: Demo, connections: number): MessagePoster {
  const pool = new Pool(ingest, { connections, pipelining: 1 });
  let refused = 0;
  return {
    async post({ path, headers, body }) {
      while (true) {
        const answer = await pool.request({ path, method: 'POST', headers, body });
        await answer.body.dump();
        if (answer.statusCode === 200) return;
        if (answer.statusCode !== 503) throw new Error(`ingest answered ${answer.statusCode}`);
        refused += 1;
        await sleep(comeAgainMs);
      }
    },
    told503: () => refused,
    close: () => pool.close(),
  };
}

function* callersTexts(seed: number): Generator<string, never> {
  const generator = createCallGenerator(seed, { startAt: 0, repeats: 0, shuffled: 0 });
  while (true) {
    for (const { transcript } of generator.next()) {
      for (const { speaker, text } of transcript?.turns ?? []) if (speaker === 'caller') yield text;
    }
  }
}
