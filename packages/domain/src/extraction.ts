import type { Analysis } from '@switchboard/schemas';
import { ruleExtractor } from './extraction/rules.ts';
import type { ExtractionInput, Extractor } from './extraction/types.ts';
import { findRedactions } from './redaction.ts';

export type {
  ExtractionInput,
  Extractor,
  KnownPractitioner,
} from './extraction/types.ts';
export { ruleExtractor };

/** The analysis of a call's transcript: what an extractor reads, and where PHI stands in the turns. */
export function extractCall(input: ExtractionInput, extractor: Extractor = ruleExtractor): Analysis {
  const extraction = extractor.extract(input);
  const alone = input.alone ? input.startedAt : undefined;
  return { ...extraction, redactions: findRedactions(input.turns, extraction.entities, alone) };
}
