/** `npm run rebuild` that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { loadConfig } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { runMaintenance } from '../maintenance.ts';
import { rebuild } from '../rebuild/rebuild.ts';

const onStep = createFault(loadConfig(faultShape));

await runMaintenance('rebuild', async (work) => {
  await rebuild({ ...work, onStep }, 'test');
  return 0;
});
