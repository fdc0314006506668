import { randomFillSync } from 'node:crypto';

/** W3C Trace Context: the caller's `traceparent` when it is valid, else the root of a new, sampled trace. */
export function takeTraceparent(given: unknown): string {
  if (typeof given === 'string' && isValid(given)) return given;
  const hex = randomHex();
  return `00-${hex.slice(0, 32)}-${hex.slice(32)}-01`;
}

const idBytes = 24;
const drawn = Buffer.alloc(idBytes * 128);
let used = drawn.length;

/** 24 random bytes, drawn many at a time: a draw costs as much as an answer. */
function randomHex(): string {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += idBytes;
  return drawn.toString('hex', used - idBytes, used);
}

function isValid(text: string): boolean {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text);
  return match !== null && !/^0+$/.test(match[1] ?? '') && !/^0+$/.test(match[2] ?? '');
}
