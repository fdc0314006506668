/**
 * The process "enrich" that does to itself what a transcript says, for tests: its thread by hostile-extraction.ts, its main one by
 * hostile-codec.ts.
 */
import { runService } from '@switchboard/platform';
import { enrichShape } from '../config.ts';
import { startEnrich } from '../main.ts';
import { hostileCodec } from './hostile-codec.ts';

const extractionWorker = new URL('./hostile-extraction.ts', import.meta.url);
await runService('enrich', enrichShape, (context) =>
  startEnrich(context, undefined, { extractionWorker, codecOf: hostileCodec }),
);
