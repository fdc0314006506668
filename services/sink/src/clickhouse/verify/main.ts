/** `npm run verify [-- --json]`: exit code 0 when nothing differs, 1 when something does, 2 when it could not be told. */
import { parseArgs } from 'node:util';
import { runMaintenance } from '../maintenance.ts';
import { renderReport } from './print-report.ts';
import { verify } from './verify.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

await runMaintenance('verify', async (work) => {
  const report = await verify(work);
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report));
  return report.drift === 0 ? 0 : 1;
});
