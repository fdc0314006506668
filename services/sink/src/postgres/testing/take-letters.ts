/**
 * A process that takes a batch of dead letters and dies, as by a fault of the runtime, where it reads one that `dies`, or the
 * original of one. Its standard input is `{databaseUrl, letters: [{dies, original: {dies}, …}]}`, each letter at the offset of
 * its place; it prints `unstorable COUNT` at its end.
 */
import { json } from 'node:stream/consumers';
import { createLogger, createMetrics } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { batchOf, firstTry } from '@switchboard/testkit/given-batches';
import { z } from 'zod';
import { createDeadLetterHandler } from '../consume-dead-letters.ts';

const input = z
  .object({ databaseUrl: z.string(), letters: z.array(z.looseObject({ original: z.unknown() })) })
  .parse(await json(process.stdin));

const pool = createPool({ url: input.databaseUrl, applicationName: 'take-letters' });
const metrics = createMetrics('test');
const topic = 'dead-letter.v1';
const handle = createDeadLetterHandler({
  pool,
  attempts: createLoneAttempts(pool),
  codec: {
    decode: async (name, bytes) => {
      const read = JSON.parse(bytes.toString('utf8'));
      if (read.dies) process.kill(process.pid, 'SIGKILL');
      return name === topic ? { ...read, sealed: Buffer.from(JSON.stringify(read.original)) } : read;
    },
  },
  sealer: { open: (sealed) => Buffer.from(sealed) },
  pseudonymKey: Buffer.alloc(32, 7),
  logger: createLogger({ service: 'test', level: 'silent' }),
  metrics,
});
const messages = input.letters.map((letter, offset) => ({
  offset: String(offset),
  value: Buffer.from(JSON.stringify(letter)).toString('base64'),
}));
await handle(batchOf(topic, { partition: 0, messages }), firstTry);
const { body } = await metrics.render();
process.stdout.write(`unstorable ${/reason="unstorable"[^}]*\} (\d+)/.exec(body)?.[1]}\n`);
await pool.end();
