import { Readable } from 'node:stream';
import { isOutgoingAddress, outgoingPath } from '@switchboard/media/outgoing-address';
import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { findMessageMedia } from '@switchboard/postgres/media/find-files';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { createCheckOrigin } from '../auth/origin.ts';
import type { FileRoutesOptions } from '../media/file-routes.ts';
import { fileAnswers } from '../media/media-schema.ts';
import { requireStored } from '../media/require-stored.ts';
import { answerFor, sendFile } from '../media/send-file.ts';
import { checkLength, takeFile } from '../media/take-file.ts';
import { auditedBy, userOf } from '../plugins/authenticate.ts';
import { bodyProblemAnswers } from './problem-schema.ts';

export interface OutgoingFileRoutesOptions extends FileRoutesOptions {
  checkOrigin: ReturnType<typeof createCheckOrigin>;
  /** Signs addresses, as jobs does. */
  secretsKey: Buffer;
  now(): number;
}

const takenFile = z.object({
  id: z.string().describe('For `file_id` of a message, within an hour.'),
  content_type: z.string().describe('What it is by its content.'),
  size_bytes: z.number(),
});

/** Files that staff send: taken from them, and given to Twilio. */
export function outgoingFileRoutes(instance: FastifyInstance, options: OutgoingFileRoutesOptions): void {
  const { pool, allow, files, checkOrigin, secretsKey, now } = options;

  instance.register(async (scope) => {
    const app = scope.withTypeProvider<ZodTypeProvider>();
    // The body stays a stream: it is sealed as it comes.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    app.post(
      '/api/v1/files',
      {
        onRequest: [checkOrigin, allow('inbox')],
        bodyLimit: Number.MAX_SAFE_INTEGER,
        schema: {
          tags: ['inbox'],
          summary: 'Take a file that is to be sent',
          description:
            'The body is the file as it is, up to 16 MiB, pictures 5 MiB. What no message needs within an hour is removed.',
          consumes: ['application/octet-stream'],
          response: { 201: takenFile, ...bodyProblemAnswers },
        },
      },
      async (request, reply) => {
        const { tenantId } = userOf(request);
        checkLength(request.headers['content-length']);
        const { body } = request;
        if (!(body instanceof Readable))
          throw new RequestProblem(422, 'invalid_request', 'There is no file in the request.');
        const file = await takeFile(options, tenantId, body, request.headers['content-type']);
        await withTenant(pool, tenantId, (client) =>
          writeAudit(client, {
            ...auditedBy(request),
            action: 'media.upload',
            entityKind: 'stored_file',
            entityId: file.id,
          }),
        );
        return reply.code(201).send({ id: file.id, content_type: file.contentType, size_bytes: file.size });
      },
    );
  });

  const app = instance.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: ['GET', 'HEAD'],
    url: `${outgoingPath}/:tenant_id/:message_id/:position`,
    schema: {
      tags: ['inbox'],
      summary: 'A file of a message on its way out, for who was given its address',
      description: 'The signature of the address stands for a login; it opens the one file for an hour.',
      security: [],
      params: z.object({
        tenant_id: z.uuid(),
        message_id: z.uuid(),
        position: z
          .string()
          .regex(/^\d{1,2}$/)
          .transform(Number),
      }),
      querystring: z.object({ expires: z.coerce.number().int(), signature: z.string().max(100) }),
      response: fileAnswers,
    },
    handler: async (request, reply) => {
      const { tenant_id: tenantId, message_id: messageId, position } = request.params;
      const named = { tenantId, messageId, position };
      if (!isOutgoingAddress(secretsKey, named, request.query, now()))
        throw new RequestProblem(403, 'not_allowed', 'This address opens nothing, or no longer.');
      const { file, answer } = await withTenant(pool, tenantId, async (client) => {
        const { file } = requireStored(
          await findMessageMedia(client, tenantId, { messageId, position, variant: 'original' }),
        );
        if (!file) throw new RequestProblem(404, 'not_found', 'There is no such file.');
        const answer = answerFor(request, file);
        if (answer.kind === 'bytes')
          await writeAudit(client, {
            tenantId,
            actorKind: 'system',
            actorId: 'twilio',
            requestId: request.id,
            action: 'media.send',
            entityKind: 'conversation_message',
            entityId: messageId,
          });
        return { file, answer };
      });
      return sendFile(reply, { files, tenantId, file, answer, inline: true, name: 'file' });
    },
  });
}
