/** Language subtag, then at most script and region: few values, so that facts stay low in cardinality. */
const shape = /^([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?(?:-.*)?$/i;

const named: Readonly<Record<string, string>> = {
  english: 'en',
  hindi: 'hi',
  hinglish: 'hi-Latn',
  marathi: 'mr',
  tamil: 'ta',
  telugu: 'te',
  kannada: 'kn',
  bengali: 'bn',
  gujarati: 'gu',
  punjabi: 'pa',
  malayalam: 'ml',
  urdu: 'ur',
  spanish: 'es',
  french: 'fr',
  german: 'de',
};

const scripts: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Bengali}/u, 'bn'],
  [/\p{Script=Tamil}/u, 'ta'],
  [/\p{Script=Telugu}/u, 'te'],
  [/\p{Script=Kannada}/u, 'kn'],
  [/\p{Script=Malayalam}/u, 'ml'],
  [/\p{Script=Gujarati}/u, 'gu'],
  [/\p{Script=Gurmukhi}/u, 'pa'],
  [/\p{Script=Arabic}/u, 'ur'],
];

/** Words of Hindi written in Latin letters that no English sentence has. */
const hinglish =
  /\b(hai|hain|nahi|nahin|mujhe|mera|meri|aap|aapka|karna|karni|kar|chahiye|kal|parso|aaj|subah|shaam|baje|ji|haan|kya|kab|kaise|theek|thik|bhai|didi|lena|leni|milega|namaste|dhanyavaad|shukriya)\b/gi;

/** How much of a transcript is read to guess its language, in characters. */
const sample = 4000;

/**
 * A language tag in canonical case (BCP 47: `en`, `en-IN`, `hi-Latn`), variants and extensions dropped;
 * `und` for anything else, null when not given.
 */
export function toLanguageTag(raw: string | null | undefined): string | null {
  const word = raw?.trim().toLowerCase().replaceAll('_', '-');
  if (!word) return null;
  // Own keys only: `constructor` is a word too.
  if (Object.hasOwn(named, word)) return named[word] ?? null;
  const match = shape.exec(word.slice(0, 35));
  if (!match?.[1]) return 'und';
  const script = match[2] ? `-${match[2].charAt(0).toUpperCase()}${match[2].slice(1)}` : '';
  const region = match[3] ? `-${match[3].toUpperCase()}` : '';
  const tag = `${match[1]}${script}${region}`;
  return isCanonical(tag) ? tag : 'und';
}

/** Language that a text is written in, by script and telling words; `en` where nothing else shows; null for no letters. */
export function guessLanguage(texts: Iterable<string>): string | null {
  let text = '';
  for (const one of texts) {
    text += ` ${one.slice(0, sample - text.length)}`;
    if (text.length >= sample) break;
  }
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  const script = scripts.find(([pattern]) => pattern.test(text));
  if (script) return script[1];
  const words = text.split(/\s+/).length;
  return (text.match(hinglish)?.length ?? 0) / words > 0.12 ? 'hi-Latn' : 'en';
}

function isCanonical(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
