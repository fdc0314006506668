import type { Queryable } from '@switchboard/postgres';
import { highlight, matchBegins, matchEnds, type TextHit } from '@switchboard/postgres/api/search-texts';
import { maskText, notRedactedYet } from '../calls/redact.ts';
import type { Snippet } from './search-schema.ts';

export interface ShownHit {
  hit: TextHit;
  snippet: Snippet;
}

/**
 * The texts as the reader may see them, the words marked. Who sees no PHI finds only what can be read in the masked
 * text: finding by a name would tell it.
 */
export async function showHits(
  db: Queryable,
  words: string,
  hits: readonly TextHit[],
  seesPhi: boolean,
  most: number,
): Promise<ShownHit[]> {
  const texts = hits.map((hit) => (seesPhi ? hit.text : masked(hit)));
  const headlines = await highlight(db, words, texts);
  return hits
    .flatMap((hit, index) => {
      const headline = headlines[index];
      return headline ? [{ hit, snippet: toSnippet(headline) }] : [];
    })
    .slice(0, most);
}

/**
 * The words alone, all of which must be there. What is found in the text as it was said is shown only if it is found in
 * what is left after redaction too; with "or" and "not" an answer would tell of the words that are redacted.
 */
export function plainWords(q: string): string {
  const words = q.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.filter((word) => word.toLowerCase() !== 'or').join(' ');
}

function masked({ text, redactions, names }: TextHit): string {
  return redactions === null ? notRedactedYet : maskText(text, redactions, names);
}

function toSnippet(headline: string): Snippet {
  return headline
    .split(new RegExp(`(${matchBegins}[^${matchEnds}]*${matchEnds})`))
    .filter((part) => part !== '')
    .map((part) =>
      part.startsWith(matchBegins) ? { text: part.slice(1, -1), match: true } : { text: part, match: false },
    );
}
