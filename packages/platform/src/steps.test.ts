import { expect, it } from 'vitest';
import { stepsOf } from './steps.ts';

it('tells the steps of a part by its name', async () => {
  const told: string[] = [];
  const onStep = stepsOf((step) => void told.push(step), 'calls');
  await onStep?.('handled');
  expect(told).toEqual(['calls-handled']);
});

it('is nothing where nobody asks', () => {
  expect(stepsOf(undefined, 'calls')).toBeUndefined();
});
