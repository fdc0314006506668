/** Reads the first bytes of a body. @returns them, and the whole body, they included */
export async function readHead(
  body: AsyncIterable<Buffer>,
  bytes: number,
): Promise<{ head: Buffer; body: AsyncIterable<Buffer> }> {
  const iterator = body[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let read = 0;
  while (read < bytes) {
    const { done, value } = await iterator.next();
    if (done) break;
    parts.push(value);
    read += value.length;
  }
  async function* whole() {
    try {
      yield* parts;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { head: Buffer.concat(parts), body: whole() };
}
