/** `npm run import` that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { loadConfig } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { runImport } from '../main.ts';

await runImport(createFault(loadConfig(faultShape)));
