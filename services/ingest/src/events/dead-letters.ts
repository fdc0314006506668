import { createHash } from 'node:crypto';
import { uuidV5 } from '@switchboard/domain/ids';
import type { Sealer } from '@switchboard/platform';
import type { ProblemError } from '@switchboard/platform/problem';
import type { DeadLetter } from '@switchboard/schemas';
import type { JsonObject } from '../body/parse-json.ts';

/** Why an authentic body went no further: a counter's label too. */
export type DeadLetterReason =
  | 'not_json'
  | 'not_an_object'
  | 'too_deep'
  | 'unknown_vendor'
  | 'invalid_body'
  | 'not_sendable';

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

/** An id that is surely one and no text about a patient. */
const plainId = /^[\w.:-]{1,200}$/;

/** A body that ingest can't map, its bytes sealed. The same body gives the same id, however often it comes. */
export function createDeadLetter(rejected: RejectedBody, sealer: Pick<Sealer, 'seal'>): DeadLetter {
  const { tenantId, body, parsed, receivedAt } = rejected;
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const call = parsed?.call;
  return {
    dead_letter_id: uuidV5(tenantId, 'ingest', bodyHash),
    tenant_id: tenantId,
    stage: 'ingest',
    reason: rejected.reason,
    detail: rejected.errors.map(({ location, message }) => `${location} ${message}`).join('; ') || null,
    source: plainId.test(rejected.vendor) ? rejected.vendor : 'unknown',
    topic: null,
    event_id: asPlainId(parsed?.event_id),
    call_id: typeof call === 'object' && call !== null ? asPlainId(Reflect.get(call, 'id')) : null,
    message_key: null,
    schema_id: null,
    content_type: rejected.contentType,
    sealed: sealer.seal(body),
    attempts: 1,
    first_at: receivedAt,
    last_at: receivedAt,
  };
}

function asPlainId(value: unknown): string | null {
  return typeof value === 'string' && plainId.test(value) ? value : null;
}
