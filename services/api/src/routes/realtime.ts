import type { Logger, Metrics } from '@switchboard/platform';
import { RequestProblem } from '@switchboard/platform/problem';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { may } from '../auth/caller.ts';
import type { Identify } from '../auth/identify.ts';
import { type Allow, callerOf } from '../plugins/authenticate.ts';
import { createEventStream, type EventStream } from '../realtime/event-stream.ts';
import type { Hub, Pace } from '../realtime/hub.ts';
import { problemAnswers } from './problem-schema.ts';

export interface RealtimeRoutesOptions {
  allow: Allow;
  identify: Identify;
  hub: Hub;
  metrics: Metrics;
  logger: Logger;
  streamsPerTenant: number;
  streams: number;
  /** How often the caller's right is checked again, milliseconds. */
  recheckMs?: number;
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
    .describe('Seconds from 1 to 300, or `live`: within a second of a change.'),
});

/** The live stream. Its connections are ended when the app begins to close, so that closing does not wait for them. */
export function realtimeRoutes(instance: FastifyInstance, options: RealtimeRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const { hub, identify, logger, recheckMs = 60_000 } = options;
  const open = new Map<EventStream, string>();
  const gauge = options.metrics.gauge('switchboard_api_streams', 'Live streams that are open');

  app.addHook('preClose', async () => {
    hub.close();
    for (const stream of open.keys()) stream.end();
  });

  app.get(
    '/api/v1/analytics/realtime',
    {
      onRequest: options.allow('analytics'),
      schema: {
        tags: ['analytics'],
        summary: 'Live numbers as server-sent events',
        description:
          'First `snapshot`, then `metrics`. The id of each is the clinic’s watermark; a stream taken up again with Last-Event-ID begins with a snapshot that says whether anything changed.',
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
      const { tenantId } = callerOf(request);
      refuseWhenFull(tenantId);
      // Read before the stream begins: a store that is away is answered like everywhere else.
      await hub.snapshot(tenantId);
      const stream = begin(reply);
      const response = reply.raw;
      open.set(stream, tenantId);
      gauge.set(open.size);

      const resumedFrom = request.headers['last-event-id'];
      let leave = () => {};
      const comments = setInterval(() => stream.comment('still here'), commentMs);
      const rechecks = setInterval(() => void recheck(), recheckMs);
      response.on('close', () => {
        clearInterval(comments);
        clearInterval(rechecks);
        open.delete(stream);
        gauge.set(open.size);
        leave();
      });

      async function recheck() {
        try {
          const caller = await identify(request);
          if (caller?.tenantId === tenantId && may(caller, 'analytics')) return;
          stream.send('end', undefined, { reason: 'not_allowed' });
          stream.end();
        } catch (error) {
          logger.warn({ error, request_id: request.id }, 'right of a stream could not be checked');
        }
      }

      try {
        leave = await hub.listen(tenantId, {
          pace: request.query.interval,
          send(event, { watermark, body }) {
            const resumed =
              event === 'snapshot' && resumedFrom !== undefined
                ? { resumed: { from: resumedFrom, changed: String(watermark) !== resumedFrom } }
                : {};
            stream.send(event, String(watermark), { ...body, ...resumed });
          },
        });
        if (response.destroyed || response.writableEnded) leave();
      } catch (error) {
        logger.warn({ error, request_id: request.id }, 'a stream could not begin');
        stream.end();
      }
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

  function refuseWhenFull(tenantId: string): void {
    const ofTenant = [...open.values()].filter((other) => other === tenantId).length;
    if (open.size >= options.streams || ofTenant >= options.streamsPerTenant)
      throw new RequestProblem(429, 'too_many_streams', 'Too many live streams are open.', {
        headers: {
          'retry-after': '30',
          'ratelimit-limit': String(options.streamsPerTenant),
          'ratelimit-remaining': '0',
          'ratelimit-reset': '30',
        },
      });
  }
}
