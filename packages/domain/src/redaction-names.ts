import type { Entity } from '@switchboard/schemas';
import { findAddressed, findSpokenOf } from './extraction/find-addressed.ts';
import { asksName, findCallerNames, findRelativeNames, nameAt } from './extraction/find-names.ts';
import { allMatches } from './extraction/patterns.ts';
import type { SpokenTurn } from './extraction/types.ts';
import { notNames } from './extraction/words.ts';
import { nameTokens } from './names.ts';

interface Span {
  start: number;
  end: number;
}

/** Names of a call: where each turn gives one, and the words of all, to be hidden wherever they are said. */
export interface NamesOfCall {
  given: ReadonlyMap<SpokenTurn, readonly Span[]>;
  words: ReadonlySet<string>;
}

const titled = /\b(?:mr|mrs|ms|miss|shri|smt|mister|missus|master|madam)\b\.? /gi;
const anyWord = /\p{L}[\p{L}\p{M}'’-]{0,60}/gu;
const spelled = /(?<![\p{L}\p{N}'’])\p{L}(?:[ .,-]{1,2}\p{L}(?![\p{L}'’])){2,30}/gu;
const spellsOut = /\b(?:name|spell\w*|letters?)\b/i;

/** Names that are said anywhere in a call by either side. Linear in the text. */
export function findNamesOfCall(
  turns: readonly SpokenTurn[],
  entities: readonly Pick<Entity, 'name' | 'value' | 'normalised'>[],
): NamesOfCall {
  const given = new Map<SpokenTurn, Span[]>();
  const names = entities
    .filter(({ name }) => name === 'patient_name' || name === 'relative_name')
    .flatMap(({ value, normalised }) => [value, normalised ?? '']);
  let question = '';
  for (const turn of turns) {
    const { speaker, text } = turn;
    const found =
      speaker === 'caller'
        ? [
            ...findCallerNames(text, asksName(question)),
            ...findRelativeNames(text, true),
            ...findSpokenOf(text),
          ]
        : findAddressed(text);
    if (found.length > 0) given.set(turn, found);
    for (const { value } of found.slice(0, mostNamesOfTurn)) names.push(value);
    question = speaker === 'caller' ? '' : text.slice(-500);
  }
  return { given, words: new Set(names.slice(0, mostNames).flatMap(wordsOf)) };
}

/** Where a turn says a name: one it gives, one with a title, one letter by letter, or a word of any name of the call. */
export function findNameSpans(turn: SpokenTurn, names: NamesOfCall): Span[] {
  const { text } = turn;
  const spans = [...(names.given.get(turn) ?? [])];
  const isLower = !/\p{Lu}/u.test(text);
  for (const match of allMatches(text, titled)) {
    const name = nameAt(text, match.index + match[0].length, isLower);
    if (name) spans.push(name);
  }
  if (spellsOut.test(text)) {
    for (const { index, 0: letters } of allMatches(text, spelled))
      spans.push({ start: index, end: index + letters.length });
  }
  for (const { index, 0: said } of names.words.size > 0 ? allMatches(text, anyWord) : []) {
    const bare = said.replace(/['’-]+$/, '').replace(/['’]s$/i, '');
    if (isOfName(bare, names.words) && !(notNames.has(plain(bare)) && isOrdinaryHere(text, index, bare)))
      spans.push({ start: index, end: index + bare.length });
  }
  return spans;
}

/** Beyond this a text is no conversation. */
const mostNames = 2_000;
const mostNamesOfTurn = 50;

function isOfName(said: string, words: ReadonlySet<string>): boolean {
  return (
    words.has(plain(said)) || (said.includes('-') && said.split('-').some((part) => words.has(plain(part))))
  );
}

/** A word that is a name here and a word elsewhere ("will", "may"): only a capital within a sentence tells. */
function isOrdinaryHere(text: string, at: number, said: string): boolean {
  return !/^\p{Lu}/u.test(said) || /(?:^|[.!?] ?)$/.test(text.slice(Math.max(0, at - 2), at)) || said === 'I';
}

function wordsOf(name: string): string[] {
  const said = name.match(anyWord) ?? [];
  const parts = said.flatMap((word) => [plain(word), ...word.split('-').map(plain)]);
  return [...new Set([...nameTokens(name), ...parts])].filter((word) => word.length > 1);
}

function plain(word: string): string {
  return word.toLowerCase().replace(/['’-]/g, '');
}
