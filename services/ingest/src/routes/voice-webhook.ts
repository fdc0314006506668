import type { FastifyInstance } from 'fastify';
import { accepted, bodyFaults, ignored, invalidBody } from '../openapi/answers.ts';
import { voiceWebhookBody } from '../openapi/bodies.ts';
import { described, voiceSecurity } from '../openapi/describe.ts';
import { tenantPath } from '../openapi/parameters.ts';
import { createVendors, defaultVendor } from '../vendors/index.ts';
import type { TakeVoiceWebhook } from '../webhook/take-voice-webhook.ts';

interface WebhookRoute {
  Params: { tenant?: string };
  Querystring: { vendor?: string | string[] };
}

/** `POST /api/v1/voice/webhook[/{tenant}]` */
export function voiceWebhookRoutes(app: FastifyInstance, take: TakeVoiceWebhook): void {
  const body = { 'application/json': voiceWebhookBody() };
  for (const url of ['/api/v1/voice/webhook', '/api/v1/voice/webhook/:tenant']) {
    const description = described({
      tags: ['voice'],
      summary: 'What happened to a call',
      description:
        'Signed as the vendor signs, over the bytes sent. A body is kept as a dead letter where it is authentic and not valid.',
      path: tenantPath(url),
      query: { vendor: { enum: [...createVendors().keys()], default: defaultVendor } },
      body,
      answers: { 200: ignored, 202: accepted, ...bodyFaults, 422: invalidBody },
      security: voiceSecurity,
    });
    app.post<WebhookRoute>(url, description, async (request, reply) => {
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
