import type { FastifyInstance } from 'fastify';
import type { TakeWhatsappWebhook } from '../whatsapp/take-whatsapp-webhook.ts';

interface WebhookRoute {
  Params: { tenant?: string };
  Querystring: { send?: string | string[] };
}

const emptyTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response/>';

/** `POST /api/v1/whatsapp/webhook[/{tenant}]` */
export function whatsappWebhookRoutes(app: FastifyInstance, take: TakeWhatsappWebhook): void {
  for (const url of ['/api/v1/whatsapp/webhook', '/api/v1/whatsapp/webhook/:tenant']) {
    app.post<WebhookRoute>(url, async (request, reply) => {
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
