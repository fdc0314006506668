import type { ExtractionInput } from '@switchboard/domain/extraction';
import { createLogger } from '@switchboard/platform';
import { afterEach, describe, expect, it } from 'vitest';
import { createIsolatedExtraction, type IsolatedExtraction } from './isolated-extraction.ts';

const lines: string[] = [];
const logger = createLogger({ service: 'test' }, { write: (line) => void lines.push(line) });
let extraction: IsolatedExtraction | undefined;

afterEach(async () => extraction?.stop());

function input(text: string): ExtractionInput {
  return { turns: [{ index: 0, speaker: 'caller', text }], language: 'en', startedAt: 0, timeZone: 'UTC' };
}

function hostile(budgetMs: number): IsolatedExtraction {
  extraction = createIsolatedExtraction({
    logger,
    budgetMs,
    maxHeapMb: 64,
    workerUrl: new URL('./fixtures/hostile-worker.ts', import.meta.url),
  });
  return extraction;
}

async function intentsOf(running: IsolatedExtraction, ...words: string[]): Promise<string[]> {
  const outcomes = await running.extractAll(words.map(input));
  return outcomes.map((outcome) =>
    'analysis' in outcome ? (outcome.analysis.intent ?? '') : `${outcome.code} after ${outcome.attempts}`,
  );
}

describe('extraction in a thread of its own', { timeout: 30_000 }, () => {
  it('reads calls', async () => {
    extraction = createIsolatedExtraction({ logger, budgetMs: 10_000 });
    expect(await intentsOf(extraction, 'I want to book an appointment', 'hello')).toEqual([
      'book_appointment',
      'greeting',
    ]);
  });

  it('a transcript that hangs fails at once, its neighbours do not', async () => {
    const words = ['a', 'hang', 'b', 'backtrack', 'c'];
    expect(await intentsOf(hostile(800), ...words)).toEqual([
      'a',
      'extraction_lost after 1',
      'b',
      'extraction_lost after 1',
      'c',
    ]);
  });

  it('the log names the event whose transcript was given up, and nothing that was said', async () => {
    lines.length = 0;
    const about = [{ event_id: 'of a' }, { event_id: 'of hang', trace_id: 'its trace' }];
    await hostile(800).extractAll(['Zzsecretzz', 'hang'].map(input), about);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        event_id: 'of hang',
        trace_id: 'its trace',
        msg: 'a transcript ended or outlasted the thread that read it',
      }),
    ]);
    expect(lines.join()).not.toContain('Zzsecretzz');
  });

  it('many that take long together, and none of them too long, all are read', async () => {
    const words = ['busy', 'busy', 'busy', 'busy', 'busy', 'busy'];
    expect(await intentsOf(hostile(1_000), ...words)).toEqual(words);
  });

  it('one that gets no CPU for longer than it may use is read', async () => {
    expect(await intentsOf(hostile(1_600), 'asleep', 'a')).toEqual(['asleep', 'a']);
  });

  it('a thread that does not start is no fault of a transcript: the batch comes again', async () => {
    extraction = createIsolatedExtraction({
      logger,
      budgetMs: 10_000,
      workerUrl: new URL('file:///no-such-worker.ts'),
    });
    await expect(extraction.extractAll([input('a')])).rejects.toMatchObject({
      code: 'extraction_unavailable',
      retryable: true,
    });
  });

  it('one that ends the thread fails when it does so twice', async () => {
    expect(await intentsOf(hostile(10_000), 'exit', 'a', 'exit')).toEqual([
      'extraction_lost after 2',
      'a',
      'extraction_lost after 2',
    ]);
  });

  it('one that eats the memory fails at once', async () => {
    expect(await intentsOf(hostile(80_000), 'memory', 'a')).toEqual(['extraction_lost after 1', 'a']);
  });

  it('one that throws fails at once, and the thread goes on', async () => {
    expect(await intentsOf(hostile(10_000), 'throw', 'a')).toEqual(['RangeError after 1', 'a']);
  });

  it('calls at the same time are worked on one after another', async () => {
    const running = hostile(10_000);
    expect(await Promise.all([intentsOf(running, 'a', 'b'), intentsOf(running, 'c')])).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
    expect(await running.extractAll([])).toEqual([]);
  });
});
