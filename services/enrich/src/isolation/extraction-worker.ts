import { extractCall } from '@switchboard/domain/extraction';
import { describeError } from '@switchboard/platform';
import { freeMemoryWhenIdle } from '@switchboard/platform/idle-memory';
import { serveExtraction } from './serve-extraction.ts';

/** The thread that reads transcripts: what hangs or breaks here ends this thread alone. */
serveExtraction((input) => {
  try {
    return { analysis: extractCall(input) };
  } catch (error) {
    const { code, name } = describeError(error);
    return { failure: code ?? name };
  }
});

freeMemoryWhenIdle();
