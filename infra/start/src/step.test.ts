import { SwitchboardError } from '@switchboard/platform';
import { expect, test } from 'vitest';
import { createStep } from './step.ts';

const away = () =>
  new SwitchboardError('broker_unavailable', 'topics could not be made', { retryable: true });

function steps(patienceMs?: number) {
  const lines: string[] = [];
  const failures: unknown[] = [];
  const step = createStep({
    say: (line) => lines.push(line),
    signal: new AbortController().signal,
    patienceMs,
    failed: (error) => failures.push(error),
  });
  return { step, lines, failures };
}

test('what an engine does not do at once is tried again', async () => {
  const { step, lines, failures } = steps();
  let tries = 0;
  const result = await step('Topics', async () => {
    tries += 1;
    if (tries === 1) throw away();
    return tries;
  });
  expect(result).toBe(2);
  expect(lines).toEqual([expect.stringMatching(/^Topics: ready \(\d\.\d s\)$/)]);
  expect(failures).toEqual([]);
});

test('not for ever, and then it says what to do', async () => {
  const { step, failures } = steps(1);
  await expect(step('Topics', () => Promise.reject(away()))).rejects.toMatchObject({
    code: 'process_hung',
    message: expect.stringMatching(
      /^Topics: not ready within 0\.001 s \(topics could not be made\)\. .*--patience/,
    ),
  });
  expect(failures).toHaveLength(1);
});

test('any other failure is told at once', async () => {
  const { step, failures } = steps();
  const failure = new Error('no');
  await expect(step('Tables', () => Promise.reject(failure))).rejects.toBe(failure);
  expect(failures).toEqual([failure]);
});
