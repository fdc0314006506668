/** `npm run dead-letters -- list|show|replay|discard|reseal`: exit code 0; 1 when a replay did not end well; 2 when it could not be done. */
import { parseArgs } from 'node:util';
import { SwitchboardError } from '@switchboard/platform';
import { runCommand } from '@switchboard/platform/run-command';
import { deadLettersConfig } from './command-config.ts';
import { type CommandOptions, commands, withCommandPool } from './commands.ts';

const usage = `npm run dead-letters -- list    [FILTER] [--limit N] [--json]
npm run dead-letters -- show    ID
npm run dead-letters -- replay  FILTER [--again] [--wait SECONDS]
npm run dead-letters -- discard FILTER --reason TEXT
npm run dead-letters -- reseal
FILTER: --all, or any of --id ID --tenant SLUG|none --stage ingest|enrich|sink --reason-code CODE --topic TOPIC --source NAME
        --from TIME --to TIME --pseudonym ID --unsearched
        (a TIME that is a date is the clinic's day, and --to includes it; --unsearched: whose originals were
        not searched for phones, so that --pseudonym finds none of them)
        and for list --state open|replaying|replayed|discarded`;

await runCommand('dead-letters', main);

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [name, id, ...more] = positionals;
  const command = commands.get(name ?? '');
  if (!command || more.length > 0 || (id !== undefined) !== (name === 'show')) throw wrongUsage();
  const options: CommandOptions = { ...values, id: id ?? values.id };
  const config = deadLettersConfig('.switchboard');
  return withCommandPool(config, (work) => command(work, options));
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        again: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        id: { type: 'string' },
        tenant: { type: 'string' },
        state: { type: 'string' },
        stage: { type: 'string' },
        'reason-code': { type: 'string' },
        topic: { type: 'string' },
        source: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        pseudonym: { type: 'string' },
        unsearched: { type: 'boolean' },
        reason: { type: 'string' },
        limit: { type: 'string', default: '100' },
        wait: { type: 'string', default: '60' },
      },
    });
  } catch {
    throw wrongUsage();
  }
}

function wrongUsage(): SwitchboardError {
  return new SwitchboardError('usage', usage);
}
