import {
  type Codec,
  type FailedEvent,
  failedMessage,
  type HandleBatch,
  type Producer,
} from '@switchboard/kafka';
import type { Logger } from '@switchboard/platform';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { EnrichMetrics } from './enrich-metrics.ts';
import type { Arrived } from './events.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import type { StepResult } from './pipeline/results.ts';
import { createDecodeEventStep } from './steps/decode-event.ts';
import { createDropRepeatsStep } from './steps/drop-repeats.ts';
import { createEmitEnrichedStep } from './steps/emit-enriched.ts';
import { createExtractAnalysisStep, type ExtractAnalysisDeps } from './steps/extract-analysis.ts';
import { createFindClinicStep, type FindClinicDeps } from './steps/find-clinic.ts';
import { createIdentifyContactStep } from './steps/identify-contact.ts';
import { createNormaliseCallStep } from './steps/normalise-call.ts';
import { createScoreCandidatesStep, type ScoreCandidatesDeps } from './steps/score-candidates.ts';

export interface EnrichCallsDeps extends FindClinicDeps, ExtractAnalysisDeps, ScoreCandidatesDeps {
  codec: Codec;
  producer: Pick<Producer, 'send'>;
  /** Of topic names. */
  prefix: string;
  extractorVersion: string;
  deadlineMs: number;
  /** Resolves when the broker has the dead letter. @throws retryable while it is away */
  setAside: (event: FailedEvent) => Promise<unknown>;
  logger: Logger;
  metrics: EnrichMetrics;
  now: () => number;
}

/** Handles batches of received calls: each event is enriched, set aside or dropped before its offset is passed. */
export function createEnrichCalls(deps: EnrichCallsDeps): HandleBatch {
  const { metrics, logger } = deps;
  const pipeline = createPipeline<Arrived>((step, _, seconds) => metrics.stepDone(step, seconds))
    // Bytes first: without an event there is nothing to do.
    .pipe(createDecodeEventStep(deps))
    // Before any work is done twice.
    .pipe(createDropRepeatsStep())
    // Zone, region and practitioners: all that follows reads the event in its clinic's terms.
    .pipe(createFindClinicStep(deps))
    // Cheap, and the extractor wants the language.
    .pipe(createNormaliseCallStep())
    // The one costly step. It also finds the PHI to hide, since the names to hide are what it finds.
    .pipe(createExtractAnalysisStep(deps))
    // Who it may be needs the name that was said …
    .pipe(createIdentifyContactStep())
    // … and Postgres, as late as possible, so that the patients compared with are of now.
    .pipe(createScoreCandidatesStep(deps))
    .pipe(createEmitEnrichedStep(deps));

  return async function enrichCalls(batch) {
    const arrived = batch.messages.map((message) => ({ topic: batch.topic, message }));
    const results = await pipeline.run(arrived);
    await Promise.all(results.map((result, at) => settle(result, arrived[at])));
  };

  async function settle(result: StepResult<VoiceCallEnriched>, input: Arrived | undefined): Promise<void> {
    if (input && result.kind === 'dead_letter') {
      const { reason, detail, attempts } = result;
      await deps.setAside({
        ...failedMessage(deps.prefix, input.topic, input.message),
        stage: 'enrich',
        reason,
        detail,
        callId: callIdOf(input),
        attempts,
      });
      logger.warn({ reason, detail, offset: input.message.offset }, 'event set aside');
    }
    metrics.eventDone(result, deps.now());
  }
}

/** The key is `tenant_id:call_id`; it names the call even of bytes that can't be read. */
function callIdOf({ message }: Arrived): string | null {
  const colon = message.key?.indexOf(':') ?? -1;
  return colon < 0 ? null : (message.key?.slice(colon + 1) ?? null);
}
