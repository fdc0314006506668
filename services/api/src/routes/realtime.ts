import type { Logger, Metrics } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import type { Identify } from '../auth/identify.ts';
import { type Allow, callerOf } from '../plugins/authenticate.ts';
import type { ConversationEvent, ConversationFeed } from '../realtime/conversation-feed.ts';
import { createEventStream, type EventStream } from '../realtime/event-stream.ts';
import type { Hub, Pace } from '../realtime/hub.ts';
import { problemAnswers } from './problem-schema.ts';

export interface RealtimeRoutesOptions {
  allow: Allow;
  identify: Identify;
  hub: Hub;
  conversations: ConversationFeed;
  metrics: Metrics;
  logger: Logger;
  streamsPerTenant: number;
  streams: number;
  /** How often the caller's right is checked again, milliseconds. */
  recheckMs?: number;
}

/** Taken before anything is waited for, so that the limits hold however many come at once. */
interface Place {
  tenantId: string;
  stream?: EventStream;
}

const retryMs = 3_000;
const commentMs = 15_000;

const query = z.strictObject({
  interval: z
    .string()
    .regex(/^(live|[1-9]\d{0,2})$/, 'must be live, or seconds from 1 to 300')
    .transform((text): Pace => (text === 'live' ? text : Number(text)))
    .refine((pace) => pace === 'live' || pace <= 300, 'must be live, or seconds from 1 to 300')
    .default(30)
    .describe(
      'Seconds from 1 to 300, or `live`: within a second of a change, and at least every 30 seconds.',
    ),
});

/** The live stream. Its connections are ended when the app begins to close, so that closing does not wait for them. */
export function realtimeRoutes(instance: FastifyInstance, options: RealtimeRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { hub, conversations, identify, logger, recheckMs = 60_000 } = options;
  const places = new Set<Place>();
  let isClosing = false;
  const gauge = options.metrics.gauge('switchboard_api_streams', 'Live streams that are open');

  app.addHook('preClose', async () => {
    isClosing = true;
    hub.close();
    for (const { stream } of places) stream?.end();
  });

  app.get(
    '/api/v1/analytics/realtime',
    {
      onRequest: options.allow('analytics'),
      // A HEAD would hold a stream open that nothing can be sent on.
      exposeHeadRoute: false,
      schema: {
        tags: ['analytics'],
        summary: 'Live numbers as server-sent events',
        description:
          'First `snapshot`, then `metrics`. The id of each is the clinic’s watermark; a stream taken up again with Last-Event-ID begins with a snapshot that says whether facts came meanwhile. Who may see the inbox is told at once, by `conversation`, what changed in it: `{kind, conversation_id, message_id}`, ids alone, with a `kind` of message, status, assignment, state, labels, read or note. These have no id and are not repeated: `{kind: "reread"}` says that some may have been missed, also after each resumption, and that the inbox is to be read again.',
        querystring: query,
        response: {
          200: {
            description: 'Events without end.',
            content: { 'text/event-stream': { schema: z.string() } },
          },
          ...problemAnswers,
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { tenantId } = caller;
      let seesInbox = may(caller, 'records');
      const response = reply.raw;
      const place = takePlace(tenantId);
      const timers: NodeJS.Timeout[] = [];
      let leave = () => {};
      let leaveInbox = () => {};
      let isGone = false;
      response.on('close', () => {
        isGone = true;
        for (const timer of timers) clearInterval(timer);
        givePlaceBack(place);
        leave();
        leaveInbox();
      });
      // Read before the stream begins: a store that is away is answered like everywhere else.
      await hub.snapshot(tenantId);
      if (isGone) return reply.hijack();
      if (isClosing)
        throw new RequestProblem(503, 'stopping', 'The service is stopping. Connect again.', {
          headers: { 'retry-after': '2' },
        });
      const stream = begin(reply);
      place.stream = stream;
      const resumedFrom = request.headers['last-event-id'];
      timers.push(setInterval(() => stream.comment('still here'), commentMs));
      timers.push(setInterval(() => void recheck(), recheckMs));

      async function recheck() {
        try {
          const known = await identify(request);
          seesInbox = known?.tenantId === tenantId && may(known, 'records');
          if (known?.tenantId === tenantId && may(known, 'analytics')) return;
          stream.send('end', undefined, { reason: 'not_allowed' });
          stream.end();
        } catch (error) {
          logger.warn({ error, request_id: request.id }, 'right of a stream could not be checked');
        }
      }

      let hasBegun = false;
      const tell = (event: ConversationEvent) => {
        // Who reads the inbox after the snapshot misses nothing.
        if (hasBegun && seesInbox) stream.send('conversation', undefined, event);
      };
      leaveInbox = conversations.listen(tenantId, tell);
      try {
        leave = await hub.listen(tenantId, {
          pace: request.query.interval,
          send(event, { watermark, body }) {
            const resumed =
              event === 'snapshot' && resumedFrom !== undefined
                ? { resumed: { from: resumedFrom, changed: String(watermark) !== resumedFrom } }
                : {};
            stream.send(event, String(watermark), { ...body, ...resumed });
            hasBegun = true;
            // What changed while nobody listened here is not known.
            if (event === 'snapshot' && resumedFrom !== undefined) tell({ kind: 'reread' });
          },
        });
        if (isGone || response.writableEnded) leave();
      } catch (error) {
        logger.warn({ error, request_id: request.id }, 'a stream could not begin');
        stream.end();
      }
      return reply;
    },
  );

  function begin(reply: FastifyReply): EventStream {
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
    });
    return createEventStream(reply.raw, retryMs);
  }

  /** @throws RequestProblem 429 when all places are taken. */
  function takePlace(tenantId: string): Place {
    const ofTenant = [...places].filter((place) => place.tenantId === tenantId).length;
    if (places.size >= options.streams || ofTenant >= options.streamsPerTenant)
      throw new RequestProblem(429, 'too_many_streams', 'Too many live streams are open.', {
        headers: {
          'retry-after': '30',
          'ratelimit-limit': String(options.streamsPerTenant),
          'ratelimit-remaining': '0',
          'ratelimit-reset': '30',
        },
      });
    const place = { tenantId };
    places.add(place);
    gauge.set(places.size);
    return place;
  }

  function givePlaceBack(place: Place): void {
    places.delete(place);
    gauge.set(places.size);
  }
}
