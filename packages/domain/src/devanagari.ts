/** Words whose usual spelling in Latin letters is not what their letters give. */
const words: Readonly<Record<string, string>> = {
  डॉक्टर: 'doctor',
  डॉ: 'dr',
  डा: 'dr',
  आज: 'aaj',
  परसों: 'parson',
  इतवार: 'itwar',
  दोपहर: 'dopahar',
  शाम: 'shaam',
  रात: 'raat',
  बाद: 'baad',
  पहले: 'pehle',
  हफ्ते: 'hafte',
  हफ़्ते: 'hafte',
  तीन: 'teen',
  पाँच: 'paanch',
  पांच: 'paanch',
  छह: 'chhe',
  छः: 'chhe',
  सात: 'saat',
  आठ: 'aath',
  ग्यारह: 'gyarah',
  बारह: 'barah',
  साढ़े: 'saadhe',
  डेढ़: 'dedh',
  ढाई: 'dhai',
};

const consonants = lettersOf(
  'क k ख kh ग g घ gh ङ n च ch छ chh ज j झ jh ञ n ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n प p फ ph ब b भ bh म m य y र r ल l ळ l व v श sh ष sh स s ह h',
);
const vowels = lettersOf('अ a आ aa इ i ई i उ u ऊ u ऋ ri ए e ऐ ai ओ o औ au ऑ o');
const signs = lettersOf('ा a ि i ी i ु u ू u ृ ri े e ै ai ो o ौ au ॉ o ॅ e');
/** Letters that a dot below makes others. */
const dotted = lettersOf('ज z फ f ड r ढ rh क q ख kh ग g');
const marks = lettersOf('ं n ँ n ः h ़ ़');
const dot = '़';
const silent = '्';
/** The vowel that a consonant has unless something else is written. */
const schwa = 'ə';

/**
 * Hindi in Devanagari as it is written in Latin letters (डॉक्टर मेहता → "doctor mehta"); the rest of a text as it is. Vowels that
 * are not spoken are left out: at the end, and between a vowel with one consonant and one consonant with a vowel.
 */
export function romanise(text: string): string {
  if (!/[\u0900-\u097f]/.test(text)) return text;
  return text
    .normalize('NFC')
    .replaceAll(/[०-९]/g, (digit) => String(digit.charCodeAt(0) - 0x966))
    .replaceAll('।', '.')
    .replaceAll(/[\u0900-\u097f]+/g, (word) => words[word] ?? spell(word));
}

function spell(word: string): string {
  let spelled = '';
  const letters = [...word.normalize('NFD')];
  for (const [at, letter] of letters.entries()) {
    const next = letters[at + 1] ?? '';
    const consonant = (next === dot ? dotted[letter] : undefined) ?? consonants[letter];
    const after = next === dot ? (letters[at + 2] ?? '') : next;
    if (consonant !== undefined)
      spelled += consonant + (signs[after] !== undefined || after === silent ? '' : schwa);
    else if (letter !== dot) spelled += vowels[letter] ?? signs[letter] ?? marks[letter] ?? '';
  }
  const spoken = spelled.replace(/(?<=.)ə$/, '');
  return dropSilent(spoken).replaceAll(schwa, 'a');
}

/** From the end: what is left out there decides what stays before it. */
function dropSilent(word: string): string {
  const parts = word.match(/[aeiouə]+|kh|gh|chh|ch|jh|th|dh|ph|bh|sh|rh|./g) ?? [];
  const isVowel = (part: string | undefined) => part !== undefined && /^[aeiouə]/.test(part);
  for (let at = parts.length - 1; at >= 0; at--) {
    if (parts[at] !== schwa) continue;
    const between =
      isVowel(parts[at - 2]) && !isVowel(parts[at - 1]) && !isVowel(parts[at + 1]) && isVowel(parts[at + 2]);
    if (between) parts.splice(at, 1);
  }
  return parts.join('');
}

function lettersOf(pairs: string): Readonly<Record<string, string>> {
  const all = pairs.split(' ');
  return Object.fromEntries(all.flatMap((letter, at) => (at % 2 === 0 ? [[letter, all[at + 1] ?? '']] : [])));
}
