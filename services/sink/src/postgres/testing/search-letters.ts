/**
 * A process that does a round of upkeep over stored dead letters, and dies, as by a fault of the runtime, where it reads an
 * original that `dies`. Its standard input is `{databaseUrl}`; originals are JSON, sealed by nothing. It prints `done` at its end.
 */
import { json } from 'node:stream/consumers';
import { createLogger } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { z } from 'zod';
import { keepUp } from '../upkeep.ts';

const input = z.object({ databaseUrl: z.string() }).parse(await json(process.stdin));

const pool = createPool({ url: input.databaseUrl, applicationName: 'search-letters' });
const originals = {
  codec: {
    decode: async (_name: string, bytes: Buffer) => {
      const read = JSON.parse(bytes.toString('utf8'));
      if (read.dies) process.kill(process.pid, 'SIGKILL');
      return read;
    },
  },
  sealer: { open: (sealed: Buffer) => Buffer.from(sealed) },
  attempts: createLoneAttempts(pool),
};
const logger = createLogger({ service: 'test', level: 'silent' });
const options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now, inboxDays: 30, logger, originals };
await keepUp(options, new AbortController().signal, true);
process.stdout.write('done\n');
await pool.end();
