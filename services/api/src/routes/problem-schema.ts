import { z } from 'zod';

const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string().optional().describe('The path asked for, where it could be read.'),
  request_id: z.string(),
  code: z.string().describe('Stable, for programs.'),
  errors: z.array(z.object({ location: z.string(), message: z.string(), fix: z.string() })).optional(),
});

const answer = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problem } },
});

/** The problems that any route may answer with (RFC 9457). */
export const problemAnswers = {
  400: answer('The address cannot be read.'),
  401: answer('Not logged in, or the key is not valid.'),
  403: answer('The role or key does not include this.'),
  404: answer('There is no such thing; also for another clinic’s ids.'),
  422: answer('Something in the request cannot be used; `errors` names it and says what would be right.'),
  429: answer('Too many requests; `Retry-After` says when to come again.'),
  503: answer('A store is away; `Retry-After` says when to come again.'),
};

/** Of routes that what is there may stand in the way of. */
export const conflictAnswer = { 409: answer('What is there stands in its way.') };

/** Those of routes that take a body, beside them. */
export const bodyProblemAnswers = {
  ...problemAnswers,
  400: answer('The address or the body cannot be read.'),
  413: answer('The body is too large.'),
  415: answer('The body is of a media type that is not taken.'),
};
