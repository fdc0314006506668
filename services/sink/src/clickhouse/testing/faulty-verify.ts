/** `npm run verify` that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { loadConfig } from '@switchboard/platform';
import { runMaintenance } from '../maintenance.ts';
import { verify } from '../verify/verify.ts';
import { createFault, faultShape } from '@switchboard/testkit/fault';

const onStep = createFault(loadConfig(faultShape));

await runMaintenance('verify', async (work) => ((await verify({ ...work, onStep })).drift === 0 ? 0 : 1));
