import { intensifiers, lexicon, negations, plainInClinics } from './sentiment-words.ts';

export type Sentiment = 'positive' | 'neutral' | 'negative';

export interface SentimentScore {
  label: Sentiment;
  /** -1 to 1. */
  score: number;
}

/** Scores beyond this are not neutral. */
const threshold = 0.2;

/** How many words back a negation or an intensifier reaches. */
const reach = 3;

/** How much is read, in characters. */
const maxLength = 20_000;

/** What nearly every caller says, pleased or not. */
const politeness =
  /\b(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|good (?:morning|afternoon|evening|day)|you(?:'re| are) welcome|(?:that(?:'s| is)|is) (?:fine|good|okay)|sounds good|works|sorry|dhanyavaad|shukriya)\b/gi;

/** Good and bad as a kind of doctor, cough or value, not of service. */
const clinical =
  /\b(?:a|an|any|some|really|very|one) (?:good|nice|best|great) (?=\p{L}+(?:ist|ian|or|er|on|ic)s?\b|time\b|day\b|slot\b)|\b(?:bad|poor|terrible|horrible|awful) (?=(?:\p{L}+ )?(?:cough|cold|pain|fever|back|knee|tooth|headache|migraine|ache|toothache|stomach|eyesight|vision|hearing|sleep|appetite|digestion|allergy|reaction|skin|infection)\b)|\b(?:cholesterol|sugar|pressure|bp|knee|back|cough|fever|pain|eyesight|vision|memory|sleep|digestion|it) (?:is|has been|got|gets) (?:(?:very|really|so|quite) )?(?:bad|good|fine|terrible|awful)\b/giu;

/** How pleased a text sounds: weights of its words, turned by negations, raised by intensifiers and emphasis. */
export function textSentiment(text: string): SentimentScore {
  return toScore(sumOf(tokensOf(text)));
}

/**
 * How pleased the caller was in a call: the mean over the turns that show anything, the end counting double, since how a
 * call ended is what its caller takes away; null when the caller said nothing.
 */
export function callerSentiment(
  turns: readonly { speaker: string; text: string }[],
): SentimentScore | { label: null; score: null } {
  const said = turns.filter(({ speaker, text }) => speaker === 'caller' && text.trim() !== '');
  if (said.length === 0) return { label: null, score: null };
  let [sum, weight] = [0, 0];
  for (const [at, { text }] of said.entries()) {
    const told = text.slice(0, 2_000).replace(clinical, ' ').replace(politeness, ' ');
    const { score } = toScore(sumOf(tokensOf(told), plainInClinics));
    if (score === 0) continue;
    const share = at >= said.length - 2 ? 2 : 1;
    sum += score * Math.abs(score) ** 0.5 * share;
    weight += Math.abs(score) ** 0.5 * share;
  }
  return labelled(weight === 0 ? 0 : sum / weight);
}

function tokensOf(text: string): string[] {
  const read = text.slice(0, maxLength).toLowerCase();
  return read.match(/[\p{L}][\p{L}'’]{0,30}|[!?]+|\p{Extended_Pictographic}/gu) ?? [];
}

/** @param plain words that colour nothing here */
function sumOf(tokens: readonly string[], plain: ReadonlySet<string> = new Set()): number {
  let sum = 0;
  for (const [at, token] of tokens.entries()) {
    const weight = lexicon.get(token.replaceAll('’', "'"));
    if (weight === undefined || plain.has(token)) continue;
    const before = tokens.slice(Math.max(0, at - reach), at);
    const turned = before.some((word) => negations.has(word.replaceAll('’', "'"))) ? -0.7 : 1;
    const raised = before.reduce((factor, word) => factor * (intensifiers.get(word) ?? 1), 1);
    sum += weight * turned * raised;
  }
  const emphasis = tokens.filter((token) => token.includes('!')).length;
  return sum * (1 + Math.min(emphasis, 3) * 0.1);
}

/** Squashes a sum into -1 to 1. */
function toScore(sum: number): SentimentScore {
  return labelled(sum / Math.sqrt(sum * sum + 6));
}

function labelled(value: number): SentimentScore {
  const score = Math.round(value * 1000) / 1000 || 0;
  return { label: score > threshold ? 'positive' : score < -threshold ? 'negative' : 'neutral', score };
}
