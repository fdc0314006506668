import { randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { ObjectStore } from '../store/object-store.ts';

/** What every store keeps to, tried on one. @param largeBytes more than it takes in one piece */
export function describeStore(open: () => ObjectStore, largeBytes: number): void {
  const newKey = () => `${randomUUID()}/${randomUUID()}`;
  async function* pieces(bytes: Buffer, size = 70_000) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  it('gives back what was put, whole and in part', async () => {
    const [store, key, bytes] = [open(), newKey(), randomBytes(300_000)];
    await store.put(key, pieces(bytes));
    expect(await store.exists(key)).toBe(true);
    expect((await buffer(await store.get(key))).equals(bytes)).toBe(true);
    const part = await buffer(await store.get(key, { start: 65_552, end: 131_103 }));
    expect(part.equals(bytes.subarray(65_552, 131_104))).toBe(true);
    expect(await buffer(await store.get(key, { start: 299_999, end: 299_999 }))).toEqual(bytes.subarray(-1));
  });

  it('takes what is empty, and what is large', async () => {
    const store = open();
    const [empty, large] = [newKey(), newKey()];
    await store.put(empty, pieces(Buffer.alloc(0)));
    expect(await buffer(await store.get(empty))).toHaveLength(0);
    const bytes = randomBytes(largeBytes);
    await store.put(large, pieces(bytes));
    expect((await buffer(await store.get(large))).equals(bytes)).toBe(true);
  });

  it('puts one object in the place of another', async () => {
    const [store, key] = [open(), newKey()];
    await store.put(key, pieces(Buffer.from('first')));
    await store.put(key, pieces(Buffer.from('second')));
    expect((await buffer(await store.get(key))).toString()).toBe('second');
  });

  it.each([10, largeBytes])('keeps nothing of a body that breaks off after %i bytes', async (size) => {
    const [store, key] = [open(), newKey()];
    const broken = new Error('the other side hung up');
    async function* breaksOff() {
      yield* pieces(randomBytes(size));
      throw broken;
    }
    await expect(store.put(key, breaksOff())).rejects.toBe(broken);
    expect(await store.exists(key)).toBe(false);
    await store.put(key, pieces(Buffer.from('again')));
    expect(await store.exists(key)).toBe(true);
  });

  it('says of what is not there that it is missing, and deletes it gladly', async () => {
    const [store, key] = [open(), newKey()];
    expect(await store.exists(key)).toBe(false);
    await expect(store.get(key)).rejects.toMatchObject({ code: 'object_missing', retryable: false });
    await store.delete(key);
    await store.put(key, pieces(Buffer.from('x')));
    await store.delete(key);
    await store.delete(key);
    expect(await store.exists(key)).toBe(false);
  });

  it.each(['../outside', '/etc/passwd', 'a//b', 'a/../../b', 'A', ''])(
    'refuses the key %j, which could lead elsewhere',
    async (key) => {
      await expect(open().put(key, pieces(Buffer.from('x')))).rejects.toMatchObject({
        code: 'object_key_invalid',
      });
      await expect(open().get(key)).rejects.toMatchObject({ code: 'object_key_invalid' });
    },
  );
}
