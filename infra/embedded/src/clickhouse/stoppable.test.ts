import { expect, it } from 'vitest';
import { stoppable } from './stoppable.ts';

it('cancels a statement until it has ended, though it is missed first and cancelling fails', async () => {
  const stop = new AbortController();
  let cancels = 0;
  let end: (how: string) => void = () => undefined;
  const statement = new Promise<string>((resolve) => {
    end = resolve;
  });
  const cancel = async () => {
    cancels += 1;
    if (cancels === 2) throw new Error('the engine is busy');
    if (cancels === 3) end('cancelled');
  };
  const running = stoppable(stop.signal, cancel, () => statement);
  stop.abort();
  expect(await running).toBe('cancelled');
  expect(cancels).toBe(3);
});

it('has no cancel under way when it is over, and begins none afterwards', async () => {
  const stop = new AbortController();
  const events: string[] = [];
  let end: () => void = () => undefined;
  const statement = new Promise<void>((resolve) => {
    end = resolve;
  });
  const cancel = async () => {
    end();
    await new Promise((resolve) => setImmediate(resolve));
    events.push('cancelled');
  };
  const running = stoppable(stop.signal, cancel, () => statement).then(() => events.push('over'));
  stop.abort();
  await running;
  expect(events).toEqual(['cancelled', 'over']);
  await stoppable(new AbortController().signal, cancel, async () => undefined);
  expect(events).toEqual(['cancelled', 'over']);
});

it('does not begin what was stopped before', async () => {
  const never = async () => {
    throw new Error('it has begun');
  };
  await expect(stoppable(AbortSignal.abort(), never, never)).rejects.toMatchObject({ code: 394 });
});
