import { describeHttp } from '@switchboard/platform/http-documents';
import type { FastifyInstance } from 'fastify';
import type { DescribedAnswer } from './answers.ts';

/** A route in OpenAPI's words. */
export interface DescribedRoute {
  tags: readonly string[];
  summary: string;
  description?: string;
  /** JSON Schema by the name of a parameter of the path or query. */
  path?: Record<string, object>;
  query?: Record<string, object>;
  /** By media type. */
  body?: Record<string, object>;
  answers: Record<string, DescribedAnswer>;
  /** Names of ways to prove oneself, any of them; none: nobody has to. */
  security?: readonly string[];
}

/**
 * Options of a route that describe it, and do nothing else: a webhook's body is read and checked after its sender is
 * proven, never by the router.
 */
export function described(route: DescribedRoute) {
  const { tags, summary, description, path, query, body, answers, security = [] } = route;
  const parameters = (properties: Record<string, object> | undefined, required: readonly string[]) =>
    properties && { type: 'object', properties, required };
  const schema = {
    tags: [...tags],
    summary,
    ...(description !== undefined && { description }),
    ...(path && { params: parameters(path, Object.keys(path)) }),
    ...(query && { querystring: parameters(query, []) }),
    ...(body && {
      body: {
        content: Object.fromEntries(Object.entries(body).map(([type, one]) => [type, { schema: one }])),
      },
    }),
    response: answers,
    security: security.map((name) => ({ [name]: [] })),
  };
  return { config: { swaggerTransform: ({ url }: { url: string }) => ({ schema, url }) } };
}

const header = (name: string, description: string) => ({
  type: 'apiKey' as const,
  in: 'header' as const,
  name,
  description,
});

/** Ways to prove oneself, by their names in `security`. */
const securitySchemes = {
  standardWebhooks: header('webhook-signature', 'Standard Webhooks, with webhook-id and webhook-timestamp.'),
  zoice: header('X-Zoice-Signature', '`t=<unix>,v1=<hex HMAC-SHA256 of "t.body">`'),
  vapiSignature: header('X-Signature', 'Vapi’s HMAC over X-Timestamp and body.'),
  vapiSecret: header('X-Vapi-Secret', 'Vapi’s secret as it is.'),
  retell: header('X-Retell-Signature', 'As Retell’s SDK signs.'),
  secret: header('X-Webhook-Secret', 'The secret itself, where the clinic allows it.'),
  twilio: header('X-Twilio-Signature', 'Over the public address and the fields, by the account’s token.'),
  apiKey: header('X-API-Key', 'A key with the scope `events:write`.'),
  bearer: { type: 'http' as const, scheme: 'bearer', description: 'The same key.' },
};

export const voiceSecurity = [
  'standardWebhooks',
  'zoice',
  'vapiSignature',
  'vapiSecret',
  'bearer',
  'retell',
  'secret',
] as const;

/** Describes the routes registered after it at `/openapi.json` and `/docs`. */
export function describeIngest(app: FastifyInstance): Promise<void> {
  return describeHttp(app, {
    pageTitle: 'Switchboard webhooks',
    openapi: {
      info: {
        title: 'Switchboard: what is taken in',
        version: '1',
        description:
          'Webhooks of calls and messages, and events of a clinic’s own system. What is answered 2xx is kept by the broker; everything may be sent again and counts once. Errors are RFC 9457 problems.',
      },
      components: { securitySchemes },
    },
  });
}
