import { describe, expect, it } from 'vitest';
import { problem, RequestProblem, toProblem } from './problem.ts';

describe('problem', () => {
  it('has the members of RFC 9457 and leaves out an empty list of errors', () => {
    expect(problem(422, 'invalid_body', 'The body is not valid.', [])).toEqual({
      type: 'urn:switchboard:problem:invalid_body',
      title: 'Invalid content',
      status: 422,
      detail: 'The body is not valid.',
      code: 'invalid_body',
    });
  });

  it('keeps what a RequestProblem says', () => {
    const error = new RequestProblem(503, 'broker_unavailable', 'Try again.', {
      headers: { 'retry-after': '2' },
    });
    expect(toProblem(error)).toMatchObject({ status: 503, code: 'broker_unavailable', detail: 'Try again.' });
    expect(error.retryable).toBe(true);
  });

  it('lets no text of another error out', () => {
    const inner = Object.assign(new Error('password=hunter2'), { statusCode: 502 });
    const client = Object.assign(new Error('name=Asha'), { statusCode: 413 });
    expect(JSON.stringify(toProblem(inner))).not.toContain('hunter2');
    expect(toProblem(inner)).toMatchObject({ status: 500, code: 'internal_error' });
    expect(toProblem(client)).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(JSON.stringify(toProblem(client))).not.toContain('Asha');
    expect(toProblem('boom').status).toBe(500);
  });
});
