/**
 * A text with the digits of every script as 0-9 (Devanagari, Arabic-Indic, full-width …), each in its place: spans found
 * in the answer are spans of the text. Scripts whose digits take two UTF-16 units keep them.
 */
export function foldDigits(text: string): string {
  return otherDigit.test(text) ? text.replace(new RegExp(otherDigit, 'gu'), asciiDigit) : text;
}

const otherDigit = /(?![0-9\u{10000}-\u{10ffff}])\p{Nd}/u;

/** Unicode gives the digits of a script ten code points in a row, from zero on. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}
