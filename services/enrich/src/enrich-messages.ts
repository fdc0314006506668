import type { DeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { isUuid, uuidV5 } from '@switchboard/domain/ids';
import { guessLanguage } from '@switchboard/domain/language';
import { scoreCandidates } from '@switchboard/domain/matching';
import { normaliseName } from '@switchboard/domain/names';
import { toE164 } from '@switchboard/domain/phone';
import { failedMessage, fullTopicName, type HandleBatch, type IncomingMessage } from '@switchboard/kafka';
import { describeError, SwitchboardError } from '@switchboard/platform';
import type { Clinic } from '@switchboard/postgres/enrich/clinics';
import type { MessageEnriched, MessageReceived } from '@switchboard/schemas';
import type { EnrichCallsDeps } from './enrich-calls.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import {
  deadLetter,
  drop,
  forEach,
  isRetryable,
  ok,
  type Step,
  type StepResult,
} from './pipeline/results.ts';

interface Arrived {
  /** Full name of the topic. */
  topic: string;
  message: IncomingMessage;
}
interface Decoded extends Arrived {
  event: MessageReceived;
}
interface Placed extends Decoded {
  clinic: Clinic;
}
interface Made extends Decoded {
  enriched: MessageEnriched;
}

/** Codes of the codec that name poison, which are the reasons of dead letters too. */
const poison: readonly DeadLetterReason[] = ['not_avro', 'unknown_schema', 'schema_mismatch', 'bad_payload'];

/** Most candidates proposed of one event, best first. */
const mostCandidates = 10;

/** Handles batches of received messages as calls are handled: each is enriched, set aside or dropped. */
export function createEnrichMessages(deps: EnrichCallsDeps): HandleBatch {
  const outTopic = fullTopicName(deps.prefix, 'message.enriched.v1');
  const pipeline = createPipeline<Arrived>((step, _, seconds) => deps.metrics.stepDone(step, seconds))
    .pipe(decodeMessage)
    .pipe(dropRepeatedMessages)
    .pipe(findClinicOfMessage)
    .pipe(readMessages)
    .pipe(proposePatients)
    .pipe(emitMessages);

  return async function enrichMessages(batch) {
    const arrived = batch.messages.map((message) => ({ topic: batch.topic, message }));
    const results = await pipeline.run(arrived);
    await Promise.all(results.map((result, at) => settle(result, arrived[at])));
  };

  async function settle(result: StepResult<MessageEnriched>, input: Arrived | undefined): Promise<void> {
    if (input && result.kind === 'dead_letter') {
      const { reason, detail, attempts } = result;
      const failed = failedMessage(deps.prefix, input.topic, input.message);
      await deps.setAside({ ...failed, stage: 'enrich', reason, detail, callId: null, attempts });
      deps.logger.warn({ reason, detail, offset: input.message.offset }, 'message set aside');
    }
    deps.metrics.eventDone(result, deps.now());
  }

  function decodeMessage(arrived: readonly Arrived[]): Promise<StepResult<Decoded>[]> {
    return forEach('decodeMessage', arrived, async (input) => {
      try {
        return ok({
          ...input,
          event: await deps.codec.decode<MessageReceived>(input.topic, input.message.value),
        });
      } catch (error) {
        if (isRetryable(error)) throw error;
        const { code } = describeError(error);
        return deadLetter(poison.find((reason) => reason === code) ?? 'bad_payload', error);
      }
    });
  }

  async function findClinicOfMessage(decoded: readonly Decoded[]): Promise<StepResult<Placed>[]> {
    const wanted = new Set(decoded.map(({ event }) => event.tenant_id).filter(isUuid));
    const clinics = await deps.findClinics([...wanted]);
    return decoded.map((input) => {
      const clinic = clinics.get(input.event.tenant_id);
      return clinic ? ok({ ...input, clinic }) : deadLetter('unknown_tenant');
    });
  }

  /** Statuses, and what we wrote ourselves, say nothing of the patient: only an inbound text is read. */
  async function readMessages(placed: readonly Placed[]): Promise<StepResult<Made>[]> {
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
      })),
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
    const byTenant = Map.groupBy(made, ({ event }) => event.tenant_id);
    const loaded = await Promise.all(
      [...byTenant].map(async ([tenantId, inputs]) => {
        const phones = new Set(inputs.flatMap(({ enriched }) => enriched.contact_phone ?? []));
        const patients = phones.size > 0 ? await deps.loadPatients(tenantId, [...phones].sort()) : [];
        return [tenantId, patients] as const;
      }),
    );
    const patientsOf = new Map(loaded);
    return made.map((input) => {
      const { contact_phone: phone, contact_name: name, contact_date_of_birth: dob } = input.enriched;
      const patients = (patientsOf.get(input.event.tenant_id) ?? []).filter(
        ({ phones }) => phone !== null && phones.includes(phone),
      );
      const candidates = scoreCandidates({ phone, name, dob }, patients)
        .slice(0, mostCandidates)
        .map(({ patientId, score, breakdown }) => ({
          patient_id: patientId,
          score,
          breakdown: JSON.stringify(breakdown),
        }));
      return ok({ ...input, enriched: { ...input.enriched, candidates } });
    });
  }

  async function emitMessages(made: readonly Made[]): Promise<StepResult<MessageEnriched>[]> {
    const encoded = await forEach('emitMessages', made, async (input) => {
      try {
        return ok({ input, value: await deps.codec.encode(outTopic, input.enriched) });
      } catch (error) {
        if (isRetryable(error)) throw error;
        return deadLetter('invalid_event', error);
      }
    });
    // All are encoded before the first is sent, so that the events of one key leave in the order they came.
    return Promise.all(encoded.map((result) => (result.kind === 'ok' ? send(result.value) : result)));
  }

  async function send({
    input,
    value,
  }: {
    input: Made;
    value: Buffer;
  }): Promise<StepResult<MessageEnriched>> {
    const { event, enriched, message } = input;
    const { traceparent } = message.headers;
    const headers = {
      'event-id': enriched.event_id,
      'tenant-id': event.tenant_id,
      'received-at': new Date(event.received_at).toISOString(),
      ...(traceparent ? { traceparent } : {}),
    };
    try {
      const key = `${event.tenant_id}:${event.contact_key}`;
      await deps.producer.send({ topic: outTopic, key, value, headers }, { deadlineMs: deps.deadlineMs });
      return ok(enriched);
    } catch (error) {
      const { code } = describeError(error);
      if (isRetryable(error) || (code !== 'message_too_large' && code !== 'message_refused')) throw error;
      return deadLetter('invalid_event', error);
    }
  }
}

const dropRepeatedMessages: Step<Decoded, Decoded> = async function dropRepeatedMessages(decoded) {
  const seen = new Set<string>();
  return decoded.map((input) => {
    if (seen.has(input.event.event_id)) return drop('repeated_in_batch');
    seen.add(input.event.event_id);
    return ok(input);
  });
};

/** What was written or pressed; null of a status and of what holds no text. */
function textOf({ event_type, body, button_text }: MessageReceived): string | null {
  return event_type === 'message.status' ? null : body || button_text || null;
}

function bare({ event, clinic }: Placed, extractorVersion: string): MessageEnriched {
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
