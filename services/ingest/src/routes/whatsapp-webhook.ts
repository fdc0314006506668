import type { FastifyInstance } from 'fastify';
import { bodyFaults, emptyTwiml as emptyAnswer, invalidBody } from '../openapi/answers.ts';
import { twilioForm } from '../openapi/bodies.ts';
import { described } from '../openapi/describe.ts';
import { tenantPath } from '../openapi/parameters.ts';
import type { TakeWhatsappWebhook } from '../whatsapp/take-whatsapp-webhook.ts';

interface WebhookRoute {
  Params: { tenant?: string };
  Querystring: { send?: string | string[] };
}

const emptyTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/** `POST /api/v1/whatsapp/webhook[/{tenant}]` */
export function whatsappWebhookRoutes(app: FastifyInstance, take: TakeWhatsappWebhook): void {
  for (const url of ['/api/v1/whatsapp/webhook', '/api/v1/whatsapp/webhook/:tenant']) {
    const description = described({
      tags: ['whatsapp'],
      summary: 'A message that came to the clinic, or how far one of its own got, as Twilio tells it',
      path: tenantPath(url),
      query: {
        send: { type: 'string', format: 'uuid', description: 'Our id, in callbacks of what we sent.' },
      },
      body: { 'application/x-www-form-urlencoded': twilioForm(), 'application/json': twilioForm() },
      answers: { 200: emptyAnswer, ...bodyFaults, 422: invalidBody },
      security: ['twilio'],
    });
    app.post<WebhookRoute>(url, description, async (request, reply) => {
      const { send } = request.query;
      await take({
        request: request.raw,
        address: request.ip,
        tenantName: request.params.tenant,
        sendId: typeof send === 'string' ? send : null,
      });
      return reply.type('text/xml').send(emptyTwiml);
    });
  }
}
