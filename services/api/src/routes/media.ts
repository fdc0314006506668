import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, withTenant } from '@switchboard/postgres';
import { writeAudit } from '@switchboard/postgres/api/audit';
import type { FileVariant } from '@switchboard/postgres/media/files';
import { type FoundFile, findMessageMedia } from '@switchboard/postgres/media/find-files';
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type FileRoutesOptions, requirePhi } from '../media/file-routes.ts';
import { fileAnswers, fileQuery, waveformAnswers } from '../media/media-schema.ts';
import { presentWaveform } from '../media/present-waveform.ts';
import { requireStored } from '../media/require-stored.ts';
import { answerFor, sendFile } from '../media/send-file.ts';
import { auditedBy, callerOf } from '../plugins/authenticate.ts';

const params = z.object({
  message_id: z.uuid(),
  position: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .describe('Of the file in its message, from 0.'),
});

const variants: readonly { variant: FileVariant; path: string; summary: string; description: string }[] = [
  {
    variant: 'original',
    path: '',
    summary: 'A file of a message, as it was sent',
    description: 'To be saved; sound by ranges, and to be played. Each is written to the audit log.',
  },
  {
    variant: 'thumbnail',
    path: '/thumbnail',
    summary: 'A message’s picture, small',
    description: 'Drawn anew: WebP, 320 pixels at most.',
  },
  {
    variant: 'view',
    path: '/view',
    summary: 'A message’s picture, to look at',
    description: 'Drawn anew: WebP, 1,600 pixels at most, without place and camera.',
  },
];

/** What patients and staff sent to each other besides words. */
export function mediaRoutes(instance: FastifyInstance, { pool, allow, files }: FileRoutesOptions): void {
  const app = instance.withTypeProvider<ZodTypeProvider>();
  const base = '/api/v1/media/:message_id/:position';

  for (const { variant, path, summary, description } of variants)
    app.route({
      method: ['GET', 'HEAD'],
      url: `${base}${path}`,
      onRequest: [allow('records'), requirePhi],
      schema: {
        tags: ['records'],
        summary,
        description,
        params,
        querystring: fileQuery,
        response: fileAnswers,
      },
      handler: async (request, reply) => {
        const { tenantId } = callerOf(request);
        const { message_id: messageId, position } = request.params;
        const isDownload = request.query.download === 'true';
        const { file, answer } = await withTenant(pool, tenantId, async (client) => {
          const file = await requireFile(client, tenantId, { messageId, position, variant });
          const answer = answerFor(request, file);
          if (answer.kind === 'bytes')
            await writeAudit(client, {
              ...auditedBy(request),
              action: `media.${isDownload ? 'download' : howUsed(file, variant)}`,
              entityKind: 'conversation_message',
              entityId: messageId,
              details: {
                position,
                variant,
                ...(answer.range && { from: answer.range.start, to: answer.range.end }),
              },
            });
          return { file, answer };
        });
        const inline = !isDownload && howUsed(file, variant) !== 'download';
        return sendFile(reply, {
          files,
          tenantId,
          file,
          answer,
          inline,
          name: `media-${messageId}-${position}`,
        });
      },
    });

  app.get(
    `${base}/waveform`,
    {
      onRequest: [allow('records'), requirePhi],
      schema: {
        tags: ['records'],
        summary: 'How loud a voice note is over time',
        params,
        querystring: z.strictObject({}),
        response: waveformAnswers,
      },
    },
    async (request) => {
      const { tenantId } = callerOf(request);
      const { message_id: messageId, position } = request.params;
      const found = await withTenant(pool, tenantId, (client) =>
        findMessageMedia(client, tenantId, { messageId, position, variant: 'original' }),
      );
      return presentWaveform(requireStored(found));
    },
  );
}

async function requireFile(
  client: Client,
  tenantId: string,
  wanted: Parameters<typeof findMessageMedia>[2],
): Promise<FoundFile> {
  const { file, reading } = requireStored(await findMessageMedia(client, tenantId, wanted));
  if (file) return file;
  if (reading === 'pending')
    throw new RequestProblem(404, 'file_pending', 'It is being made. Come again.', {
      headers: { 'retry-after': '2' },
    });
  throw new RequestProblem(404, 'not_found', 'There is no picture to be shown of this file.');
}

/** What a browser may show by itself is drawn by us, or sound; a PDF is drawn by the page's own viewer from its bytes. */
function howUsed({ contentType }: FoundFile, variant: FileVariant): 'view' | 'play' | 'download' {
  if (variant !== 'original') return 'view';
  return contentType.startsWith('audio/') ? 'play' : 'download';
}
