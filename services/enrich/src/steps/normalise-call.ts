import { guessLanguage, toLanguageTag } from '@switchboard/domain/language';
import { toE164 } from '@switchboard/domain/phone';
import { LRUCache } from 'lru-cache';
import type { Normalised, Placed } from '../events.ts';
import { forEach, ok, type Step } from '../pipeline/results.ts';

/** One of two is the clinic's own in every call, and who calls often is most of the others. */
const remembered = 10_000;

/** Adds both numbers in E.164 and the language spoken. */
export function createNormaliseCallStep(): Step<Placed, Normalised> {
  const known = new LRUCache<string, { number: string | null }>({ max: remembered });
  const numberOf = (raw: string | null, country: string): string | null => {
    const key = `${country} ${raw}`;
    const held = known.get(key);
    if (held) return held.number;
    const number = toE164(raw, country);
    known.set(key, { number });
    return number;
  };
  return async function normaliseCall(placed) {
    return forEach('normaliseCall', placed, (input) => {
      const { call, transcript } = input.event;
      const outbound = call.direction === 'outbound';
      const { country } = input.clinic;
      const from = numberOf(call.from_number, country);
      const to = numberOf(call.to_number, country);
      const told = closer(toLanguageTag(transcript?.language), toLanguageTag(call.language));
      const language =
        told && told !== 'und' ? told : (guessLanguage(texts(transcript?.turns ?? [])) ?? told);
      return ok({
        ...input,
        contactPhone: outbound ? to : from,
        clinicPhone: outbound ? from : to,
        language,
      });
    });
  };
}

/** What the transcript is in, as closely as the call says it: `en` of a call in `en-IN` is `en-IN`. */
function closer(transcript: string | null, call: string | null): string | null {
  return transcript === null || call?.startsWith(`${transcript}-`) ? call : transcript;
}

function* texts(turns: readonly { text: string }[]): Generator<string> {
  for (const { text } of turns) yield text;
}
