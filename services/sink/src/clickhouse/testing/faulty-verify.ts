/** `npm run verify` that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { loadConfig } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { runMaintenance } from '../maintenance.ts';
import { verify } from '../verify/verify.ts';

const onStep = createFault(loadConfig(faultShape));

await runMaintenance('verify', async (work) => ((await verify({ ...work, onStep })).drift === 0 ? 0 : 1));
