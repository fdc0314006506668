import { RequestProblem } from '@switchboard/platform/problem';
import { withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import { findRecording } from '@switchboard/postgres/media/find-files';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type FileRoutesOptions, requirePhi } from '../media/file-routes.ts';
import { fileAnswers, fileQuery, waveformAnswers } from '../media/media-schema.ts';
import { presentWaveform } from '../media/present-waveform.ts';
import { requireStored } from '../media/require-stored.ts';
import { answerFor, sendFile } from '../media/send-file.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';

const params = z.object({ id: z.uuid() });

/** The sound of calls. */
export function recordingRoutes(instance: FastifyInstance, { pool, allow, files }: FileRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();

  app.route({
    method: ['GET', 'HEAD'],
    url: '/api/v1/calls/:id/recording',
    onRequest: [allow('calls'), requirePhi],
    schema: {
      tags: ['records'],
      summary: 'A call’s recording',
      description: 'By ranges, too. Each play is written to the audit log.',
      params,
      querystring: fileQuery,
      response: fileAnswers,
    },
    handler: async (request, reply) => {
      const { tenantId } = callerOf(request);
      const { id } = request.params;
      const isDownload = request.query.download === 'true';
      const { file, answer } = await withTenant(pool, tenantId, async (client) => {
        const { file } = requireStored(await findRecording(client, tenantId, id));
        if (!file) throw new RequestProblem(404, 'not_found', 'There is no such file.');
        const answer = answerFor(request, file);
        if (answer.kind === 'bytes')
          await writeAudit(client, {
            ...auditedBy(request),
            action: isDownload ? 'recording.download' : 'recording.play',
            entityKind: 'voice_call',
            entityId: id,
            details: answer.range ? { from: answer.range.start, to: answer.range.end } : {},
          });
        return { file, answer };
      });
      return sendFile(reply, { files, tenantId, file, answer, inline: !isDownload, name: `recording-${id}` });
    },
  });

  app.get(
    '/api/v1/calls/:id/recording/waveform',
    {
      onRequest: [allow('calls'), requirePhi],
      schema: {
        tags: ['records'],
        summary: 'How loud a call’s recording is over time',
        params,
        querystring: z.strictObject({}),
        response: waveformAnswers,
      },
    },
    async (request) => {
      const { tenantId } = callerOf(request);
      const found = await withTenant(pool, tenantId, (client) =>
        findRecording(client, tenantId, request.params.id),
      );
      return presentWaveform(requireStored(found));
    },
  );
}
