import { SwitchboardError } from '@switchboard/platform';
import { expect, it } from 'vitest';
import { createKnown } from './known.ts';

const away = new SwitchboardError('registry_unavailable', 'away', { retryable: true });

function setUp(answers: (number | SwitchboardError)[], disk?: number) {
  const asked: string[] = [];
  const written: number[] = [];
  const known = createKnown<string, number>((key) => ({
    async ask() {
      asked.push(key);
      const answer = answers.shift() ?? away;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    remembered: async () => disk,
    remember: async (value) => {
      written.push(value);
    },
  }));
  return { known, asked, written };
}

it('asks once, however many want it at the same time', async () => {
  const { known, asked, written } = setUp([5]);
  expect(await Promise.all([known.find('a'), known.find('a'), known.find('a')])).toEqual([5, 5, 5]);
  expect(await known.find('a')).toBe(5);
  expect(known.get('a')).toBe(5);
  expect([asked, written]).toEqual([['a'], [5]]);
});

it('asks the registry before the disk: it may have been made anew', async () => {
  const { known } = setUp([5], 4);
  expect(await known.find('a')).toBe(5);
});

it('takes the disk while the registry is away', async () => {
  const { known, asked } = setUp([away], 4);
  expect(await known.find('a')).toBe(4);
  expect(known.get('a')).toBe(4);
  expect(asked).toEqual(['a']);
});

it('says so when neither knows', async () => {
  const { known } = setUp([away, 5]);
  await expect(known.find('a')).rejects.toMatchObject({ code: 'registry_unavailable', retryable: true });
  expect(await known.find('a')).toBe(5);
});

it('looks again for what was missing until the registry has spoken, whatever it says', async () => {
  const { known, asked } = setUp([away, away, 5, away, new SwitchboardError('unknown_schema', 'no')]);
  await known.find('a').catch(() => {});
  await expect(known.findMissing()).rejects.toBe(away);
  await known.findMissing();
  await known.find('b').catch(() => {});
  await expect(known.findMissing()).rejects.toMatchObject({ code: 'unknown_schema' });
  await known.findMissing();
  expect(asked).toEqual(['a', 'a', 'a', 'b', 'b']);
});

it('does not take the disk against the word of the registry', async () => {
  const { known } = setUp([new SwitchboardError('unknown_schema', 'no')], 4);
  await expect(known.find('a')).rejects.toMatchObject({ code: 'unknown_schema' });
});
