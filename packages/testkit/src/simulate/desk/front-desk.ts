import { z } from 'zod';
import { createRandom } from '../random.ts';
import type { DeskClient } from './desk-client.ts';

export interface FrontDeskOptions {
  client: DeskClient;
  seed: number;
  /** What is done is done no later, Unix ms. */
  now: () => number;
}

export interface DeskSummary {
  /** Conversations that were resolved. */
  resolved: number;
  /** Booking requests that were closed. */
  closed: number;
}

/** The people at the front desk, who work through their lists. */
export interface FrontDesk {
  /** When something was last said under each of these numbers on WhatsApp, as far as it is stored; Unix ms. */
  lastSaid(since: number): Promise<Map<string, number>>;
  /**
   * Resolves what was answered and has been quiet since a time, and all that was quiet the day before; closes what calls had
   * asked for by then, and what is over.
   * @param until Unix ms
   * @param from what is older is left alone; nothing is unless told
   */
  workThrough(until: number, from?: number): Promise<DeskSummary>;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const pageSize = 200;

const conversations = z.object({
  conversations: z.array(
    z.object({
      id: z.string(),
      contact: z.object({ phone: z.string().nullable() }),
      last_activity_at: z.string(),
      last_message: z.object({ direction: z.string(), text: z.string().nullable() }).nullable(),
      version: z.number(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
const requests = z.object({
  requests: z.array(z.object({ id: z.string(), call_id: z.string().nullable(), created_at: z.string() })),
  next_cursor: z.string().nullable(),
});
const call = z.object({ started_at: z.string() });

type Conversation = z.infer<typeof conversations>['conversations'][number];
type Request = z.infer<typeof requests>['requests'][number];

export function createFrontDesk({ client, seed, now }: FrontDeskOptions): FrontDesk {
  const random = createRandom(seed + 5);

  /** Latest activity first, while they are no older than `since`. */
  async function list(filter: string, since: number): Promise<Conversation[]> {
    const all: Conversation[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: z.infer<typeof conversations> = await client.get(
        `/conversations?${filter}&limit=${pageSize}${cursor && `&cursor=${cursor}`}`,
        conversations,
      );
      all.push(...page.conversations);
      const last = page.conversations.at(-1);
      cursor = last && Date.parse(last.last_activity_at) >= since ? page.next_cursor : null;
    }
    return all;
  }

  async function resolve(until: number, from: number): Promise<number> {
    const waiting = await list('status=open&status=pending', from);
    const quiet = waiting
      .map((one) => ({ ...one, at: Date.parse(one.last_activity_at) }))
      .filter(({ at }) => at >= from && at < until)
      .filter(({ at, last_message: last }) => at < until - dayMs || isAnswered(last))
      .sort((one, other) => one.at - other.at);
    let resolved = 0;
    for (const { id, version, at } of quiet) {
      const resolvedAt = Math.min(at + Math.round(random.next() * 6 * hourMs), now() - 1_000);
      const status = await client.send('PATCH', `/conversations/${id}`, {
        status: 'resolved',
        resolved_at: new Date(resolvedAt).toISOString(),
        version,
      });
      if (status === 200) resolved += 1;
    }
    return resolved;
  }

  async function closeRequests(until: number, from: number): Promise<number> {
    let closed = 0;
    for (const state of from > 0 ? ['open'] : ['expired', 'open']) {
      const all: Request[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: z.infer<typeof requests> = await client.get(
          `/booking-requests?state=${state}&limit=${pageSize}${cursor && `&cursor=${cursor}`}`,
          requests,
        );
        all.push(...page.requests);
        cursor = page.next_cursor;
      }
      for (const request of all) {
        const at = state === 'open' ? await askedAt(request) : from;
        if (at < from || at >= until) continue;
        // Most are called back, and come at another time; the others have found one elsewhere.
        const step = random.chance(0.7) ? 'fulfil' : 'decline';
        const path = `/booking-requests/${request.id}/${step}`;
        const status = await client.send('POST', path, step === 'fulfil' ? {} : undefined);
        if (status === 200) closed += 1;
      }
    }
    return closed;
  }

  /** When it was asked for; a request may be stored long after its call. */
  async function askedAt({ call_id: id, created_at: createdAt }: Request): Promise<number> {
    if (id === null) return Date.parse(createdAt);
    return Date.parse((await client.get(`/calls/${id}`, call)).started_at);
  }

  return {
    async lastSaid(since) {
      const last = new Map<string, number>();
      for (const { contact, last_activity_at: at } of await list('channel=whatsapp', since))
        if (contact.phone !== null && !last.has(contact.phone)) last.set(contact.phone, Date.parse(at));
      return last;
    },
    async workThrough(until, from = 0) {
      return { resolved: await resolve(until, from), closed: await closeRequests(until, from) };
    },
  };
}

/** Nobody waits: a call was answered as it was made, and who says thank you asks for nothing. */
function isAnswered(last: Conversation['last_message']): boolean {
  return (
    last === null ||
    last.direction === 'outbound' ||
    /thank|ok|yes|great|perfect|haan|theek/i.test(last.text ?? '')
  );
}
