import { uuidV5 } from '@switchboard/domain/ids';
import { guessLanguage } from '@switchboard/domain/language';
import { normaliseName } from '@switchboard/domain/names';
import { toE164 } from '@switchboard/domain/phone';
import { fullTopicName, type HandleBatch } from '@switchboard/kafka';
import { eventInLog, SwitchboardError } from '@switchboard/platform';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import type { EnrichDeps } from './enrich-calls.ts';
import type { Arrived, Decoded, Placed } from './events.ts';
import { handleBatches } from './handle-batches.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { deadLetter, ok, type StepResult } from './pipeline/results.ts';
import { createDecodeEventStep } from './steps/decode-event.ts';
import { createDropRepeatsStep } from './steps/drop-repeats.ts';
import { createFindClinicStep } from './steps/find-clinic.ts';
import { proposeCandidates } from './steps/propose-candidates.ts';
import { sendEnriched } from './steps/send-enriched.ts';

interface Made extends Decoded<MessageReceived> {
  enriched: MessageEnriched;
}

/** Handles batches of received messages as calls are handled: each is enriched, set aside or dropped. */
export function createEnrichMessages(deps: EnrichDeps): HandleBatch {
  const outlet = {
    step: 'emitMessages',
    topic: fullTopicName(deps.prefix, 'message.enriched.v1'),
    toEnriched: ({ enriched }: Made) => enriched,
    keyOf: ({ event }: MessageEnriched) => `${event.tenant_id}:${event.contact_key}`,
  };
  const pipeline = createPipeline<Arrived>((step, _, seconds) => deps.metrics.stepDone(step, seconds))
    .pipe(createDecodeEventStep<MessageReceived>(deps))
    .pipe(createDropRepeatsStep())
    .pipe(createFindClinicStep(deps))
    .pipe(readMessages)
    .pipe(proposePatients)
    .pipe(emitMessages);
  return handleBatches(deps, pipeline, () => null);

  /** A status has no text to read. What the clinic wrote is read as an agent says it, and tells of no name. */
  async function readMessages(placed: readonly Placed<MessageReceived>[]): Promise<StepResult<Made>[]> {
    const made = placed.map((input) => ({ ...input, enriched: bare(input, deps.extractorVersion) }));
    const read = made.filter(({ event }) => textOf(event) !== null);
    const outcomes = await deps.extractAll(
      read.map(({ event, clinic, enriched }) => ({
        turns: [
          {
            index: 0,
            speaker: event.direction === 'inbound' ? 'caller' : 'agent',
            text: textOf(event) ?? '',
          },
        ],
        language: enriched.language,
        startedAt: event.occurred_at ?? event.received_at,
        timeZone: clinic.timeZone,
        region: clinic.country,
        practitioners: clinic.practitioners,
        alone: true,
      })),
      read.map(({ message }) => eventInLog(message.headers)),
    );
    const outcomeOf = new Map(read.map((input, at) => [input, outcomes[at]]));
    return made.map((input) => {
      const outcome = outcomeOf.get(input);
      if (!outcome) return ok(input);
      if ('code' in outcome) {
        const failure = new SwitchboardError(`readMessages: ${outcome.code}`, 'the extractor failed');
        return deadLetter('step_failed', failure, outcome.attempts);
      }
      const { analysis } = outcome;
      const said = (name: string) => analysis.entities.findLast((entity) => entity.name === name);
      const name = said('patient_name') ?? said('relative_name');
      const contact = {
        contact_name: normaliseName(name?.normalised ?? name?.value),
        contact_date_of_birth: said('date_of_birth')?.normalised ?? null,
      };
      const enriched = { ...input.enriched, analysis, ...(input.event.direction === 'inbound' && contact) };
      return ok({ ...input, enriched });
    });
  }

  /** By number and what was written. A profile's name is the sender's own fancy, and decides nothing. */
  async function proposePatients(made: readonly Made[]): Promise<StepResult<Made>[]> {
    const candidates = await proposeCandidates(
      deps,
      made.map(
        ({ event, enriched: { contact_phone: phone, contact_name: name, contact_date_of_birth: dob } }) => ({
          tenantId: event.tenant_id,
          phone,
          by: { phone, name, dob },
        }),
      ),
    );
    return made.map((input, at) =>
      ok({ ...input, enriched: { ...input.enriched, candidates: candidates[at] ?? [] } }),
    );
  }

  async function emitMessages(made: readonly Made[]): Promise<StepResult<MessageEnriched>[]> {
    return sendEnriched(deps, outlet, made);
  }
}

/** What was written or pressed; null of a status and of what holds no text. */
function textOf({ event_type, body, button_text }: MessageReceived): string | null {
  return event_type === 'message.status' ? null : body || button_text || null;
}

function bare({ event, clinic }: Placed<MessageReceived>, extractorVersion: string): MessageEnriched {
  const from = toE164(event.from_number, clinic.country);
  const to = toE164(event.to_number, clinic.country);
  const outbound = event.direction === 'outbound';
  const text = textOf(event);
  return {
    event_id: uuidV5(event.event_id, extractorVersion),
    extractor_version: extractorVersion,
    event,
    contact_phone: outbound ? to : from,
    clinic_phone: outbound ? from : to,
    language: text === null ? null : guessLanguage([text]),
    analysis: null,
    contact_name: null,
    contact_date_of_birth: null,
    candidates: [],
  };
}
