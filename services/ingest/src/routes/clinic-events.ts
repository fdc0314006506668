import { problem } from '@switchboard/platform/problem';
import type { FastifyInstance } from 'fastify';
import type { EventResult } from '../clinic-events/accept-clinic-events.ts';
import type { TakeClinicEvents } from '../clinic-events/take-clinic-events.ts';
import { acceptedEvents, bodyFaults, invalidEvents } from '../openapi/answers.ts';
import { cloudEventBody } from '../openapi/bodies.ts';
import { described } from '../openapi/describe.ts';
import { sendProblem } from '../plugins/problems.ts';

const detail = 'No event in it is valid. What is not was kept.';

/** `POST /api/v1/events` */
export function clinicEventsRoutes(app: FastifyInstance, take: TakeClinicEvents): void {
  const event = cloudEventBody();
  const description = described({
    tags: ['events'],
    summary: 'What the clinic’s own system tells, as CloudEvents 1.0',
    description:
      'One event, up to 1,000 in a batch, or one by `ce-` headers whose body is its data. `subject` and `time` are required.',
    body: {
      'application/cloudevents+json': event,
      'application/cloudevents-batch+json': { type: 'array', maxItems: 1_000, items: event },
      'application/json': {
        type: 'object',
        description: 'The data of an event whose attributes are headers.',
      },
    },
    answers: { 202: acceptedEvents, ...bodyFaults, 422: invalidEvents },
    security: ['apiKey', 'bearer'],
  });
  app.post('/api/v1/events', description, async (request, reply) => {
    const { mode, results } = await take(request.raw, request.ip);
    const [first] = results;
    if (mode !== 'batch' && first?.status === 'accepted') {
      const { id: _id, ...accepted } = first;
      return reply.code(202).send(accepted);
    }
    if (results.length === 0 || results.some(({ status }) => status === 'accepted'))
      return reply.code(202).send({ status: 'accepted', results });
    const answer = problem(422, 'invalid_body', detail, errorsOf(results, mode === 'batch'));
    return sendProblem(request, reply, mode === 'batch' ? { ...answer, results } : answer);
  });
}

/** As many as a person mends at once; each event's own stand in its result. */
const mostErrors = 20;

function errorsOf(results: readonly EventResult[], isBatch: boolean) {
  const errors = results.flatMap((result, index) =>
    result.status === 'accepted'
      ? []
      : result.errors.map((error) =>
          isBatch ? { ...error, location: `[${index}].${error.location}` } : error,
        ),
  );
  return errors.slice(0, mostErrors);
}
