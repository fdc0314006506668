/**
 * Whether two words differ by one slip of the pen, and not as one name does from another (Ramesh, Rakesh; Amit, Amita):
 * in the middle, neighbours swapped, a vowel for a consonant, or in a long word a vowel more or less. Symmetric.
 */
export function isSlip(left: string, right: string): boolean {
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  const head = sharedHead(short, long);
  const tail = sharedTail(short, long, short.length - head);
  if (head === 0 || tail === 0) return false;
  const [was, is] = [short.slice(head, short.length - tail), long.slice(head, long.length - tail)];
  if (was.length === 2 && is.length === 2) return short.length >= 5 && was === `${is[1]}${is[0]}`;
  if (was.length === 0 && is.length === 1) return short.length >= 6 && isVowel(is);
  return was.length === 1 && is.length === 1 && short.length >= 5 && isVowel(was) !== isVowel(is);
}

function sharedHead(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

function sharedTail(left: string, right: string, most: number): number {
  let length = 0;
  while (length < most && left.at(-1 - length) === right.at(-1 - length)) length++;
  return length;
}

function isVowel(letter: string): boolean {
  return /[aeiouy]/.test(letter);
}
