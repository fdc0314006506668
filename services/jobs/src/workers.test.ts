import { createLifecycle, createLogger } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { createWorkers } from './workers.ts';

it('while one worker ends what is under way, those that were started before it begin nothing more', async () => {
  const lifecycle = createLifecycle({ logger: createLogger({ service: 'test', level: 'silent' }) });
  const workers = createWorkers(lifecycle);
  const told = Promise.withResolvers<void>();
  const ended: string[] = [];
  await workers.start('webhooks', () => ({
    stop: async () => {
      told.resolve();
      ended.push('webhooks');
    },
  }));
  await workers.start('messages', () => ({
    stop: async () => {
      await told.promise;
      ended.push('messages');
    },
  }));
  await workers.allStarted();
  await lifecycle.stop();
  expect(new Set(ended)).toEqual(new Set(['webhooks', 'messages']));
});

it('a start that fails stops the workers that stand', async () => {
  const lifecycle = createLifecycle({ logger: createLogger({ service: 'test', level: 'silent' }) });
  const workers = createWorkers(lifecycle);
  let stopped = 0;
  await workers.start('webhooks', () => ({
    stop: async () => {
      stopped += 1;
    },
  }));
  const failing = () => Promise.reject(new Error('no'));
  await expect(lifecycle.start('recordings', failing)).rejects.toThrow('no');
  expect(stopped).toBe(1);
});
