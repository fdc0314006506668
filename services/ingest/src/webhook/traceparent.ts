import { randomBytes } from 'node:crypto';

/** W3C Trace Context: the caller's `traceparent` when it is valid, else the root of a new, sampled trace. */
export function takeTraceparent(given: unknown): string {
  return typeof given === 'string' && isValid(given)
    ? given
    : `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}

function isValid(text: string): boolean {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text);
  return match !== null && !/^0+$/.test(match[1] ?? '') && !/^0+$/.test(match[2] ?? '');
}
