import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import scalar from '@scalar/fastify-api-reference';
import type { FastifyInstance } from 'fastify';

/** Inline parts are Scalar's own start-up script and styles; nothing may be loaded from elsewhere. */
const docsPolicy = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
].join('; ');

export interface HttpDocuments {
  pageTitle: string;
  /** Title, words and ways to prove oneself. */
  openapi: NonNullable<FastifyDynamicSwaggerOptions['openapi']>;
  /** How a route's schemas become JSON Schema; unset: they are. */
  transform?: FastifyDynamicSwaggerOptions['transform'];
}

/** Where a service describes itself: beside what it describes, too. */
export const documentPaths = ['/openapi.json', '/api/v1/openapi.json'] as const;

/** Describes all routes registered after it at {@link documentPaths}, shown at `/docs` with assets of our own. */
export async function describeHttp(
  app: FastifyInstance,
  { pageTitle, openapi, transform }: HttpDocuments,
): Promise<void> {
  await app.register(swagger, { openapi: { ...openapi, openapi: '3.1.0' }, ...(transform && { transform }) });
  for (const path of documentPaths) app.get(path, { schema: { hide: true } }, async () => app.swagger());
  await app.register(scalar, {
    routePrefix: '/docs',
    configuration: {
      url: documentPaths[0],
      pageTitle,
      withDefaultFonts: false,
      telemetry: false,
      showDeveloperTools: 'never',
      hideClientButton: true,
      agent: { disabled: true },
      mcp: { disabled: true },
    },
    hooks: {
      onRequest: (_request, reply, done) => {
        reply.header('content-security-policy', docsPolicy);
        done();
      },
    },
  });
}
