import type { FastifyInstance } from 'fastify';
import { defaultVendor } from '../vendors/index.ts';
import type { TakeVoiceWebhook } from '../webhook/take-voice-webhook.ts';

interface WebhookRoute {
  Params: { tenant?: string };
  Querystring: { vendor?: string | string[] };
}

/** `POST /api/v1/voice/webhook[/{tenant}]` */
export function voiceWebhookRoutes(app: FastifyInstance, take: TakeVoiceWebhook): void {
  for (const url of ['/api/v1/voice/webhook', '/api/v1/voice/webhook/:tenant']) {
    app.post<WebhookRoute>(url, async (request, reply) => {
      const id = await take({
        request: request.raw,
        address: request.ip,
        tenantName: request.params.tenant,
        vendorName: [request.query.vendor ?? defaultVendor].flat().join(',').toLowerCase(),
      });
      if (id === undefined) return reply.code(200).send({ status: 'ignored' });
      return reply.code(202).send({ status: 'accepted', event_id: id });
    });
  }
}
