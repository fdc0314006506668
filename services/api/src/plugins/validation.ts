import { RequestProblem } from '@switchboard/platform/problem';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

const places: Record<string, string> = {
  querystring: 'query',
  body: 'body',
  params: 'path',
  headers: 'header',
};

/** Requests are parsed by their route's zod schema; what is wrong is named, with what would be right. */
export function validateWithZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    return { error: invalid(places[httpPart ?? ''] ?? 'request', parsed.error, schema) };
  });
  // Answers are made by typed code, and tests hold them against their schemas.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
}

function invalid(place: string, error: z.ZodError, schema: z.ZodType): RequestProblem {
  const errors = error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        location: [place, ...path, key].join('.'),
        message: 'is not known here',
        fix: `one of ${keysOf(schema).join(', ')}`,
      }));
    return [{ location: [place, ...path].join('.'), message: issue.message, fix: fixOf(issue) }];
  });
  const status = place === 'path' ? 404 : 422;
  return status === 404
    ? new RequestProblem(404, 'not_found', 'There is nothing with this id.')
    : new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', { errors });
}

function fixOf(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('must be ')) return issue.message.slice('must be '.length);
  switch (issue.code) {
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
    case 'invalid_format':
      return `a value of the format ${issue.format}`;
    case 'invalid_type':
      return `a value of type ${issue.expected}`;
    default:
      return 'see /docs';
  }
}

function keysOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
