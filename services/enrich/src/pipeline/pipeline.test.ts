import { SwitchboardError } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { createPipeline } from './pipeline.ts';
import { deadLetter, drop, forEach, ok, type Step } from './results.ts';

const halve: Step<number, number> = async function halve(inputs) {
  return inputs.map((value) => (value % 2 === 0 ? ok(value / 2) : deadLetter('bad_payload')));
};
const dropOnes: Step<number, number> = async function dropOnes(inputs) {
  return inputs.map((value) => (value === 1 ? drop('repeated_in_batch') : ok(value)));
};
const print: Step<number, string> = async function print(inputs) {
  return forEach('print', inputs, (value) => {
    if (value === 8) throw new RangeError('8 is a secret');
    return ok(String(value));
  });
};

describe('a pipeline', () => {
  it('answers for each event, in order, whatever ended it', async () => {
    const results = await createPipeline<number>()
      .pipe(halve)
      .pipe(dropOnes)
      .pipe(print)
      .run([4, 2, 3, 16, 40]);
    expect(results).toEqual([
      ok('2'),
      drop('repeated_in_batch'),
      deadLetter('bad_payload'),
      { kind: 'dead_letter', reason: 'step_failed', detail: 'print: RangeError', attempts: undefined },
      ok('20'),
    ]);
  });

  it('shows a step only what is still under way, and tells how many', async () => {
    const seen: [string, number][] = [];
    await createPipeline<number>((step, events) => seen.push([step, events]))
      .pipe(halve)
      .pipe(dropOnes)
      .run([1, 2, 6]);
    expect(seen).toEqual([
      ['halve', 3],
      ['dropOnes', 2],
    ]);
  });

  it('a throw means the batch again', async () => {
    const away: Step<number, number> = () =>
      forEach('away', [1], () => {
        throw new SwitchboardError('postgres_unavailable', 'away', { retryable: true });
      });
    await expect(createPipeline<number>().pipe(away).run([1])).rejects.toThrow('away');
  });

  it('a step that loses an event is a fault', async () => {
    await expect(
      createPipeline<number>()
        .pipe(async () => [])
        .run([1]),
    ).rejects.toThrow(RangeError);
  });
});
