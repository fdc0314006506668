import type { Codec, HandleBatch } from '@switchboard/kafka';
import type { VoiceCallReceived } from '@switchboard/schemas';
import type { Arrived } from './events.ts';
import { type HandleBatchesDeps, handleBatches } from './handle-batches.ts';
import { createPipeline } from './pipeline/pipeline.ts';
import { createDecodeEventStep } from './steps/decode-event.ts';
import { createDropRepeatsStep } from './steps/drop-repeats.ts';
import { createEmitEnrichedStep, type EmitEnrichedDeps } from './steps/emit-enriched.ts';
import { createExtractAnalysisStep, type ExtractAnalysisDeps } from './steps/extract-analysis.ts';
import { createFindClinicStep, type FindClinicDeps } from './steps/find-clinic.ts';
import { createIdentifyContactStep } from './steps/identify-contact.ts';
import { createNormaliseCallStep } from './steps/normalise-call.ts';
import type { ProposeCandidatesDeps } from './steps/propose-candidates.ts';
import { createScoreCandidatesStep } from './steps/score-candidates.ts';

export interface EnrichDeps
  extends HandleBatchesDeps,
    FindClinicDeps,
    ExtractAnalysisDeps,
    ProposeCandidatesDeps,
    EmitEnrichedDeps {
  codec: Codec;
}

/** Handles batches of received calls: each event is enriched, set aside or dropped before its offset is passed. */
export function createEnrichCalls(deps: EnrichDeps): HandleBatch {
  const pipeline = createPipeline<Arrived>((step, _, seconds) => deps.metrics.stepDone(step, seconds))
    // Bytes first: without an event there is nothing to do.
    .pipe(createDecodeEventStep<VoiceCallReceived>(deps))
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

  return handleBatches(deps, pipeline, callIdOf);
}

/** The key is `tenant_id:call_id`; it names the call even of bytes that can't be read. */
function callIdOf({ message }: Arrived): string | null {
  const colon = message.key?.indexOf(':') ?? -1;
  return colon < 0 ? null : (message.key?.slice(colon + 1) ?? null);
}
