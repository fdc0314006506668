/**
 * A process that handles batches of several partitions at once and dies, as by a fault of the runtime, when it comes to an
 * event of a call whose name begins with `killer`. Its standard input is `{databaseUrl, registryUrl, prefix, cacheDir, topic, batches: [{partition,
 * messages: [{offset, value}]}]}`, values in base64; it prints the offset and reason of each event set aside, and `finished PARTITION`.
 */
import { json } from 'node:stream/consumers';
import { createCodec } from '@switchboard/kafka';
import { createLogger, createMetrics } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createLoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import { batchOf, firstTry, givenBatches } from '@switchboard/testkit/given-batches';
import { z } from 'zod';
import { createEventHandler, createEventOutcomes } from '../consume-events.ts';
import { writeEvents } from '../write-events.ts';

const input = z
  .object({
    databaseUrl: z.string(),
    registryUrl: z.string(),
    prefix: z.string(),
    cacheDir: z.string(),
    topic: z.string(),
    batches: givenBatches,
  })
  .parse(await json(process.stdin));

const pool = createPool({ url: input.databaseUrl, applicationName: 'handle-batches' });
const handle = createEventHandler({
  attempts: createLoneAttempts(pool),
  pool,
  codec: createCodec({ registryUrl: input.registryUrl, prefix: input.prefix, cacheDir: input.cacheDir }),
  logger: createLogger({ service: 'test', level: 'silent' }),
  outcomes: createEventOutcomes(createMetrics('test')),
  tenantOf: ({ event }: VoiceCallEnriched) => event.tenant_id,
  write: (tenant, events) => {
    if (events.some(({ event }) => event.event.call_id.startsWith('killer')))
      process.kill(process.pid, 'SIGKILL');
    return writeEvents({ pool, pseudonymKey: Buffer.alloc(32), now: Date.now }, tenant, events);
  },
  setAside: async ({ message, reason }) => {
    process.stdout.write(`${message.offset} ${reason}\n`);
  },
});
await Promise.all(
  input.batches.map(async (given) => {
    await handle(batchOf(input.topic, given), firstTry);
    process.stdout.write(`finished ${given.partition}\n`);
  }),
);
await pool.end();
