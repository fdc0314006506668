/** Gives that many bytes; none at the end. Throws when it ends in between. */
export type Take = (size: number) => Promise<Buffer>;

/**
 * Reads chunks by sizes of one's own.
 *
 * @param cutOff makes the error for an end in between: how many bytes there were, of how many
 */
export function createTake(
  chunks: AsyncIterable<Buffer>,
  cutOff: (have: number, wanted: number) => Error,
): Take {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  return async (size) => {
    const parts: Buffer[] = [rest];
    let have = rest.length;
    while (have < size) {
      const next = await iterator.next();
      if (next.done) {
        if (have === 0) return rest;
        throw cutOff(have, size);
      }
      parts.push(next.value);
      have += next.value.length;
    }
    const all = parts.length === 1 ? rest : Buffer.concat(parts);
    rest = all.subarray(size);
    return all.subarray(0, size);
  };
}
