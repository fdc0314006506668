import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { buildDeadLetter } from '@switchboard/kafka';
import type { Sealer } from '@switchboard/platform';
import type { ProblemError } from '@switchboard/platform/problem';
import type { DeadLetter } from '@switchboard/schemas';

export interface RejectedBody {
  tenantId: string;
  /** A vendor's name, or the way it came. */
  source: string;
  reason: DeadLetterReason;
  errors: readonly ProblemError[];
  /** As received. */
  body: Buffer;
  contentType: string;
  /** Of the event that it would have been. */
  eventId: string | null;
  callId: string | null;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** A body that ingest can't map, its bytes sealed. The same body gives the same id, however often it comes. */
export function createDeadLetter(rejected: RejectedBody, sealer: Pick<Sealer, 'seal'>): DeadLetter {
  const { tenantId, reason, body, callId, contentType, receivedAt } = rejected;
  const letter = buildDeadLetter(
    {
      tenantId,
      stage: 'ingest',
      reason,
      detail: detailOf(rejected.errors),
      source: rejected.source,
      callId,
      body,
      contentType,
      firstAt: receivedAt,
      lastAt: receivedAt,
    },
    sealer,
  );
  // Set after its id was made: two different bodies under one event id are two dead letters.
  return { ...letter, event_id: rejected.eventId };
}

/** Where and what; null where nothing in particular is wrong. */
export function detailOf(errors: readonly ProblemError[]): string | null {
  return errors.map(({ location, message }) => `${location} ${message}`).join('; ') || null;
}

/** An id that is surely one, and no text about a patient. */
const plainId = /^[\w.:-]{1,200}$/;

/** The text at a path of a body, if it is surely an id. */
export function idAt(value: unknown, ...path: readonly string[]): string | null {
  const found = path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
  return typeof found === 'string' && plainId.test(found) ? found : null;
}
