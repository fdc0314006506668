import type { MergedCall } from '@switchboard/domain/voice/merge-call';
import type { CallPart } from '@switchboard/postgres/erasure/clear-calls';
import type { StoredCall } from '@switchboard/postgres/voice/calls';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { CallRow } from './stored-call.ts';

/** An event with what came beside it. */
export interface TakenEvent<E> {
  event: E;
  traceparent: string | null;
}

/** An enriched event of a call. */
export type SinkEvent = TakenEvent<VoiceCallEnriched>;

/** A call that this batch's events change. */
export interface ChangedCall {
  id: string;
  stored: StoredCall | undefined;
  /** What was emptied and is not to be filled again. */
  emptied: readonly CallPart[];
  /** Without what was emptied. */
  merged: MergedCall;
  row: CallRow;
  conversationId: string;
  /** The last event merged: named in the facts it changes. */
  cause: SinkEvent;
}
