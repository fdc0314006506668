/** `npm run rebuild`: new tables for ClickHouse from `fact_current`, while facts go on arriving. */
import { runMaintenance } from '../maintenance.ts';
import { rebuild } from './rebuild.ts';

await runMaintenance('rebuild', async (work) => {
  const { epoch, copied, blocks } = await rebuild(work, 'asked for');
  process.stdout.write(`epoch ${epoch}: ${copied} statements copied, ${blocks} blocks since\n`);
  return 0;
});
