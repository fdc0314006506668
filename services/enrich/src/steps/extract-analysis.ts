import type { ExtractionInput } from '@switchboard/domain/extraction';
import { startOf } from '@switchboard/domain/voice/call-times';
import { eventInLog, SwitchboardError } from '@switchboard/platform';
import type { Analysis } from '@switchboard/schemas';
import type { Analysed, Normalised } from '../events.ts';
import { deadLetter, ok, type Step } from '../pipeline/results.ts';

/** An analysis, or the code of why there can be none. */
export type ExtractionOutcome = { analysis: Analysis } | { code: string; attempts: number };

export interface ExtractAnalysisDeps {
  /** Answers for each input, in order; rejects only when all of it should be tried again. */
  extractAll: (inputs: readonly ExtractionInput[], about: readonly object[]) => Promise<ExtractionOutcome[]>;
}

/** Adds what the transcript says and where its PHI stands; null for an event without a transcript. */
export function createExtractAnalysisStep({ extractAll }: ExtractAnalysisDeps): Step<Normalised, Analysed> {
  return async function extractAnalysis(normalised) {
    const spoken = normalised.filter(({ event }) => event.transcript !== null);
    const outcomes = await extractAll(
      spoken.map(toExtractionInput),
      spoken.map(({ message }) => eventInLog(message.headers)),
    );
    const outcomeOf = new Map(spoken.map((input, at) => [input, outcomes[at]]));
    return normalised.map((input) => {
      const outcome = outcomeOf.get(input);
      if (!outcome) return ok({ ...input, analysis: null });
      if ('analysis' in outcome) return ok({ ...input, analysis: outcome.analysis });
      const failure = new SwitchboardError(`extractAnalysis: ${outcome.code}`, 'the extractor failed');
      return deadLetter('step_failed', failure, outcome.attempts);
    });
  };
}

function toExtractionInput({ event, clinic, language }: Normalised): ExtractionInput {
  const turns = event.transcript?.turns ?? [];
  return {
    turns: turns.map(({ index, speaker, text }) => ({ index, speaker, text })),
    language,
    startedAt: startOf(event),
    timeZone: clinic.timeZone,
    region: clinic.country,
    practitioners: clinic.practitioners,
  };
}
