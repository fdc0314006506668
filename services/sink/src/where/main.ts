/** `npm run where -- EVENT_ID`: exit code 0 when it was found, 1 when it is nowhere, 2 when it could not be told. */

import { runCommand } from '@switchboard/platform/run-command';
import { startSearcher } from './search-kafka.ts';

const searcher = startSearcher();
const { where } = await import('./where.ts');
await runCommand('where', () => where(searcher));
// What an engine that hangs holds open does not hold up whoever asked.
process.stdout.write('', () => process.exit());
