/** The process "enrich" whose thread does to itself what a transcript says, for tests; see hostile-extraction.ts. */
import { runService } from '@switchboard/platform';
import { enrichShape } from '../config.ts';
import { startEnrich } from '../main.ts';

const worker = new URL('./hostile-extraction.ts', import.meta.url);
await runService('enrich', enrichShape, (context) => startEnrich(context, undefined, worker));
