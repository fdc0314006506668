import type { MergedCall } from '@switchboard/domain/voice/merge-call';
import type { StoredCall } from '@switchboard/postgres/voice/calls';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { CallRow } from './stored-call.ts';

/** An enriched event with what came beside it. */
export interface SinkEvent {
  event: VoiceCallEnriched;
  traceparent: string | null;
}

/** A call that this batch's events change. */
export interface ChangedCall {
  id: string;
  stored: StoredCall | undefined;
  merged: MergedCall;
  row: CallRow;
  conversationId: string;
  /** Patients that any of the events' enrichment proposed. */
  candidateIds: string[];
  /** The last event merged: named in the facts it changes. */
  cause: SinkEvent;
}
