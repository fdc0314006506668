import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { SwitchboardError } from '@switchboard/platform';
import type { ProblemError } from '@switchboard/platform/problem';
import { maxDepth } from '../body/parse-json.ts';

/** Why an authentic body is no event. */
export interface Rejection {
  reason: DeadLetterReason;
  /** For the sender; never a value. */
  detail: string;
  errors: readonly ProblemError[];
}

export const notParsed: Record<'not_json' | 'not_an_object' | 'too_deep', Rejection> = {
  not_json: { reason: 'not_json', detail: 'The body is not JSON in UTF-8. It was kept.', errors: [] },
  not_an_object: {
    reason: 'not_an_object',
    detail: 'The body is not a JSON object. It was kept.',
    errors: [{ location: '', message: 'is not an object', fix: 'Send one JSON object.' }],
  },
  too_deep: {
    reason: 'too_deep',
    detail: 'The body is nested too deeply. It was kept.',
    errors: [{ location: '', message: 'is nested too deeply', fix: `Nest at most ${maxDepth} levels.` }],
  },
};

export const invalidBody = (errors: readonly ProblemError[]): Rejection => ({
  reason: 'invalid_body',
  detail: 'The body is not a valid event. It was kept.',
  errors,
});

const notSendable: Rejection = {
  reason: 'not_sendable',
  detail: 'The event is larger than can be passed on. It was kept.',
  errors: [{ location: '', message: 'is too large as an event', fix: 'Send less in one event.' }],
};

const notEncodable: Rejection = {
  reason: 'invalid_event',
  detail: 'The event does not fit what we pass on. It was kept.',
  errors: [],
};

/** What a send's error says of the event; undefined when it says only that now is no time to send. */
export function rejectionOf(error: unknown): Rejection | undefined {
  if (!(error instanceof SwitchboardError) || error.retryable) return undefined;
  return error.code === 'invalid_event' ? notEncodable : notSendable;
}
