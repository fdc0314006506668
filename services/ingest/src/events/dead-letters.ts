import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { eventId } from '@switchboard/domain/ids';
import { buildDeadLetter } from '@switchboard/kafka';
import type { Sealer } from '@switchboard/platform';
import type { ProblemError } from '@switchboard/platform/problem';
import type { DeadLetter } from '@switchboard/schemas';
import type { JsonObject } from '../body/parse-json.ts';

export interface RejectedBody {
  tenantId: string;
  vendor: string;
  reason: DeadLetterReason;
  errors: readonly ProblemError[];
  /** As received. */
  body: Buffer;
  /** When it was JSON. */
  parsed?: JsonObject;
  contentType: string;
  /** Unix milliseconds. */
  receivedAt: number;
}

/** A body that ingest can't map, its bytes sealed. The same body gives the same id, however often it comes. */
export function createDeadLetter(rejected: RejectedBody, sealer: Pick<Sealer, 'seal'>): DeadLetter {
  const { tenantId, vendor, body, parsed, receivedAt } = rejected;
  const letter = buildDeadLetter(
    {
      tenantId,
      stage: 'ingest',
      reason: rejected.reason,
      detail: rejected.errors.map(({ location, message }) => `${location} ${message}`).join('; ') || null,
      source: vendorName.test(vendor) ? vendor : 'unknown',
      callId: asPlainId(readPath(parsed, 'call', 'id')),
      body,
      contentType: rejected.contentType,
      firstAt: receivedAt,
      lastAt: receivedAt,
    },
    sealer,
  );
  // Set after its id was made: two different bodies under one event id are two dead letters.
  const vendorEventId = asPlainId(readPath(parsed, 'event_id'));
  return {
    ...letter,
    event_id: vendorEventId && eventId(tenantId, letter.source, 'voice-call', vendorEventId),
  };
}

const vendorName = /^[a-z][a-z0-9_-]{0,31}$/;
/** An id that is surely one, and no text about a patient. */
const plainId = /^[\w.:-]{1,200}$/;

function asPlainId(value: unknown): string | null {
  return typeof value === 'string' && plainId.test(value) ? value : null;
}

function readPath(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}
