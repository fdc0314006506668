/** `npm run erase -- --tenant SLUG --patient ID`: exit code 0 when the patient is erased, 2 when that could not be done. */
import { parseArgs } from 'node:util';
import { loadConfig, SwitchboardError } from '@switchboard/platform';
import { runCommand } from '@switchboard/platform/run-command';
import { createPool } from '@switchboard/postgres';
import { z } from 'zod';
import { eraseShape } from './config.ts';
import { eraseBySlug } from './erase.ts';

const usage = 'npm run erase -- --tenant SLUG --patient ID';

await runCommand('erase', main);

async function main(): Promise<number> {
  const { tenant, patient } = readArguments();
  const { DATABASE_URL: url, PSEUDONYM_KEY: pseudonymKey } = loadConfig(eraseShape);
  const pool = createPool({ url, applicationName: 'switchboard-erase', max: 2, onError: () => undefined });
  try {
    const { erased, unsearchedLetters } = await eraseBySlug(pool, {
      slug: tenant,
      patientId: patient,
      pseudonymKey,
      now: Date.now,
    });
    const counts = Object.entries(erased).map(([kind, count]) => `${kind} ${count}`);
    process.stdout.write(`erased: ${counts.join(', ')}\n`);
    if (unsearchedLetters > 0)
      process.stdout.write(
        `dead letters that may be of the patient, for nobody searched them: ${unsearchedLetters} (npm run dead-letters -- list --unsearched --tenant ${tenant})\n`,
      );
    return 0;
  } finally {
    await pool.end();
  }
}

function readArguments(): { tenant: string; patient: string } {
  try {
    const { values } = parseArgs({ options: { tenant: { type: 'string' }, patient: { type: 'string' } } });
    return z.object({ tenant: z.string(), patient: z.uuid() }).parse(values);
  } catch {
    throw new SwitchboardError('usage', usage);
  }
}
