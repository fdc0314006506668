import { describeHttp } from '@switchboard/platform/http-documents';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';

/** Describes all routes registered after it at `/openapi.json` and `/docs`. */
export function describeApi(app: FastifyInstance): Promise<void> {
  return describeHttp(app, {
    pageTitle: 'Switchboard API',
    openapi: {
      info: {
        title: 'Switchboard',
        version: '1',
        description:
          'Calls, records and live numbers of a clinic. The tenant is that of the caller. Errors are RFC 9457 problems.',
      },
      components: {
        securitySchemes: {
          apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          bearer: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'switchboard_session' },
        },
      },
      security: [{ apiKey: [] }, { bearer: [] }, { session: [] }],
    },
    transform: jsonSchemaTransform,
  });
}
