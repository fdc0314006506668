import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { pipelineAnswer } from '../pipeline/pipeline-schema.ts';
import type { ReadPipeline } from '../pipeline/read-pipeline.ts';
import { type Allow, userOf } from '../plugins/authenticate.ts';
import { problemAnswers } from './problem-schema.ts';

export interface PipelineRoutesOptions {
  readPipeline: ReadPipeline;
  allow: Allow;
}

/** How far events are on their way, for the clinic's owners and managers. */
export function pipelineRoutes(
  instance: FastifyInstance,
  { readPipeline, allow }: PipelineRoutesOptions,
): void {
  instance.withTypeProvider<ZodTypeProvider>().get(
    '/api/v1/pipeline',
    {
      onRequest: allow('pipeline'),
      schema: {
        tags: ['operations'],
        summary: 'How events flow: stages, rates, what waits, and what was set aside',
        description:
          'Rates and what waits are of the whole installation, dead letters and freshness the clinic’s own. An answer is up to a second old. What does not answer in time is told as away.',
        querystring: z.strictObject({}),
        response: { 200: pipelineAnswer, ...problemAnswers },
      },
    },
    (request) => readPipeline(userOf(request).tenantId),
  );
}
