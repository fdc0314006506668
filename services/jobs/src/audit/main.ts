/** `npm run audit -- verify|list`: exit code 0 when all fits, 1 at a break, 2 when it could not be told. */
import { parseArgs } from 'node:util';
import { loadConfig, SwitchboardError } from '@switchboard/platform';
import { runCommand } from '@switchboard/platform/run-command';
import { readStackFile } from '@switchboard/platform/stack-file';
import { createPool } from '@switchboard/postgres';
import { z } from 'zod';
import { auditShape } from './config.ts';
import { listAudit } from './list.ts';
import { verifyAudit } from './verify.ts';

const usage = `npm run audit -- verify [--tenant SLUG] [--head SLUG:BLOCK:HASH]… [--json]
npm run audit -- list --tenant SLUG [--from TIME] [--to TIME] [--actor ID] [--action ACTION] [--entity ID] [--limit N] [--json]`;

const demoFile = '.switchboard/demo.json';
const statementTimeoutMs = 300_000;

await runCommand('audit', main);

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [command] = positionals;
  if (positionals.length !== 1 || (command !== 'verify' && command !== 'list')) throw wrongUsage();
  const pool = createPool({
    url: databaseUrl(),
    applicationName: 'switchboard-audit',
    max: 2,
    statementTimeoutMs,
    onError: () => undefined,
  });
  const print = (line: string) => process.stdout.write(`${line}\n`);
  try {
    if (command === 'verify') return await verifyAudit(pool, values, print);
    await listAudit(pool, values, print);
    return 0;
  } finally {
    await pool.end();
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        tenant: { type: 'string' },
        head: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        to: { type: 'string' },
        actor: { type: 'string' },
        action: { type: 'string' },
        entity: { type: 'string' },
        limit: { type: 'string', default: '100' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch {
    throw wrongUsage();
  }
}

/** The environment's, or that of the running stack when it is called from the project's root. */
function databaseUrl(): string {
  const { DATABASE_URL: named } = loadConfig({ DATABASE_URL: auditShape.DATABASE_URL.optional() });
  const demo = named === undefined ? readStackFile(demoFile, z.object({ postgres: z.url() })) : undefined;
  return demo?.postgres ?? named ?? loadConfig(auditShape).DATABASE_URL;
}

function wrongUsage(): SwitchboardError {
  return new SwitchboardError('usage', usage);
}
