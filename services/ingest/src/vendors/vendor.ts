import type { ProblemError } from '@switchboard/platform/problem';
import type { VoiceCallReceived } from '@switchboard/schemas';
import type { JsonObject } from '../body/parse-json.ts';
import type { SignatureScheme } from '../signatures/scheme.ts';

/** A vendor's event in our names and units, before it has an id, a tenant and a time of arrival. */
export type VendorEvent = Omit<VoiceCallReceived, 'event_id' | 'tenant_id' | 'source' | 'received_at'>;

/**
 * What a body is: an event, errors by field, or nothing that becomes an event (`ignored`): a vendor tells more than a
 * call's record needs, as each word while it is spoken.
 */
export type VendorResult =
  | { ok: true; event: VendorEvent }
  | { ok: true; ignored: true }
  | { ok: false; errors: ProblemError[] };

/**
 * One voice vendor: how it signs, and what its names, units and roles are in ours. A new vendor is one file that makes
 * one of these, and a line in `index.ts`.
 */
export interface VendorAdapter {
  /** As in `?vendor=` and in an event's `source`. */
  name: string;
  schemes: readonly SignatureScheme[];
  /** Where a body has its call's id, also when it is not valid. */
  callIdAt: readonly string[];
  /**
   * Validates and maps a body.
   *
   * @param receivedAt Unix milliseconds; what is dated long after it is refused.
   */
  read(body: JsonObject, receivedAt: number): VendorResult;
}
