import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readInThread } from './read-in-thread.ts';

const mp3 = await readFile(new URL('../testing/fixtures/tone.mp3', import.meta.url));
const hostile = new URL('./fixtures/hostile-thread.ts', import.meta.url);

/** A body that tells how far it was read, and whether it was let go. */
function watched(parts: readonly Buffer[]) {
  const seen = { read: 0, closed: false };
  async function* body() {
    try {
      for (const part of parts) {
        seen.read += 1;
        yield part;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, body: body() };
}

describe('readInThread', { timeout: 60_000 }, () => {
  it('makes of sound what its thread makes of it', async () => {
    const { seen, body } = watched([mp3.subarray(0, 1_000), mp3.subarray(1_000)]);
    const reading = await readInThread('audio/mpeg', body, { timeoutMs: 60_000 });
    expect('waveform' in reading && reading.waveform.peaks).toHaveLength(800);
    expect(seen).toEqual({ read: 2, closed: true });
  });

  it.each(['exit', 'throw', 'memory', 'hang'])('gives a file up whose thread ends by %s', async (type) => {
    const { seen, body } = watched([mp3]);
    const options = { timeoutMs: type === 'hang' ? 1_000 : 60_000, threadUrl: hostile };
    await expect(readInThread(type, body, options)).rejects.toMatchObject({ code: 'file_unreadable' });
    expect(seen.read).toBe(0);
  });

  it('says of a file that is none of its type what it is', async () => {
    const { seen, body } = watched([Buffer.from('<html>'), Buffer.alloc(100)]);
    const read = readInThread('image/jpeg', body, { timeoutMs: 60_000 });
    await expect(read).rejects.toMatchObject({ code: 'file_unreadable' });
    expect(seen.closed).toBe(true);
  });

  it('blames the file for nothing that its store did', async () => {
    const away = new Error('the store is away');
    async function* breaks() {
      yield mp3.subarray(0, 100);
      throw away;
    }
    await expect(readInThread('audio/mpeg', breaks(), { timeoutMs: 60_000 })).rejects.toBe(away);
  });
});
