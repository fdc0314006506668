import { describe, expect, it } from 'vitest';
import { createLifecycle } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

function lifecycleWithDiary(startGraceMs?: number) {
  const diary: string[] = [];
  const lifecycle = createLifecycle({ logger, startGraceMs });
  const part = (name: string) => () => {
    diary.push(`+${name}`);
    return { value: name, stop: () => void diary.push(`-${name}`) };
  };
  return { diary, lifecycle, part };
}

describe('createLifecycle', () => {
  it('starts in order, hands out what was started, stops in reverse', async () => {
    const { diary, lifecycle, part } = lifecycleWithDiary();
    expect(await lifecycle.start('a', part('a'))).toBe('a');
    await lifecycle.start('nothing to stop', () => ({ value: 0 }));
    await lifecycle.start('b', part('b'));
    await lifecycle.stop();
    expect(diary).toEqual(['+a', '+b', '-b', '-a']);
  });

  it('stops what stands when a start fails, and passes the error on', async () => {
    const { diary, lifecycle, part } = lifecycleWithDiary();
    await lifecycle.start('a', part('a'));
    await lifecycle.start('b', part('b'));
    const failing = lifecycle.start('c', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(diary).toEqual(['+a', '+b', '-b', '-a']);
    await lifecycle.stop();
    expect(diary).toHaveLength(4);
  });

  it('goes on stopping when a part does not stop cleanly, and stops once', async () => {
    const { diary, lifecycle, part } = lifecycleWithDiary();
    await lifecycle.start('a', part('a'));
    await lifecycle.start('b', () => ({ value: 0, stop: () => Promise.reject(new Error('stuck')) }));
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(diary).toEqual(['+a', '-a']);
  });

  it('stops a part first whose start was under way, and starts no further one', async () => {
    const { diary, lifecycle, part } = lifecycleWithDiary();
    await lifecycle.start('a', part('a'));
    const connected = Promise.withResolvers<void>();
    const starting = lifecycle.start('b', async () => {
      await connected.promise;
      return part('b')();
    });
    const stopping = lifecycle.stop();
    connected.resolve();
    await expect(starting).rejects.toMatchObject({ code: 'stopping' });
    await stopping;
    expect(diary).toEqual(['+a', '+b', '-b', '-a']);
    await expect(lifecycle.start('c', part('c'))).rejects.toMatchObject({ code: 'stopping' });
    expect(diary).toHaveLength(4);
  });

  it('does not wait for ever for a start that waits for an engine', async () => {
    const { diary, lifecycle, part } = lifecycleWithDiary(10);
    await lifecycle.start('a', part('a'));
    const connected = Promise.withResolvers<void>();
    const starting = lifecycle.start('b', () => connected.promise.then(part('b')));
    await lifecycle.stop();
    expect(diary).toEqual(['+a', '-a']);
    connected.resolve();
    await expect(starting).rejects.toMatchObject({ code: 'stopping' });
    expect(diary).toEqual(['+a', '-a', '+b', '-b']);
  });
});
