import { uuidV5 } from '@switchboard/domain/ids';
import { fullTopicName } from '@switchboard/kafka';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { Scored } from '../events.ts';
import type { Step } from '../pipeline/results.ts';
import { type SendEnrichedDeps, sendEnriched } from './send-enriched.ts';

export interface EmitEnrichedDeps extends SendEnrichedDeps {
  /** Of topic names. */
  prefix: string;
  extractorVersion: string;
}

/** Sends the enriched event and answers when the broker has it. Its id is a function of input and extractor version. */
export function createEmitEnrichedStep(deps: EmitEnrichedDeps): Step<Scored, VoiceCallEnriched> {
  const outlet = {
    step: 'emitEnriched',
    topic: fullTopicName(deps.prefix, 'voice-call.enriched.v1'),
    toEnriched: (input: Scored) => toEnriched(input, deps.extractorVersion),
    keyOf: ({ event }: VoiceCallEnriched) => `${event.tenant_id}:${event.call_id}`,
  };
  return async function emitEnriched(scored) {
    return sendEnriched(deps, outlet, scored);
  };
}

function toEnriched(input: Scored, extractorVersion: string): VoiceCallEnriched {
  return {
    event_id: uuidV5(input.event.event_id, extractorVersion),
    extractor_version: extractorVersion,
    event: input.event,
    contact_phone: input.contactPhone,
    clinic_phone: input.clinicPhone,
    language: input.language,
    analysis: input.analysis,
    contact_name: input.contactName,
    contact_date_of_birth: input.contactDateOfBirth,
    candidates: input.candidates,
  };
}
