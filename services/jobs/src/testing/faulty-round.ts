/**
 * A process that fetches and reads media, tidies files once or erases a patient, and does something to itself at a step. Its
 * standard input is what {@link FaultyRound} says.
 */
import { json } from 'node:stream/consumers';
import { mediaStoreShape } from '@switchboard/media/config';
import { createFileStore } from '@switchboard/media/file-store';
import { createLogger, loadConfig } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { z } from 'zod';
import { eraseBySlug } from '../erasure/erase.ts';
import { tidyFiles } from '../media/tidy.ts';
import { startTestMediaWorker } from './media-clinic.ts';

const shape = z.object({
  fault: faultShape.SWITCHBOARD_FAULT,
  databaseUrl: z.string(),
  root: z.string(),
  masterKey: z.string(),
  work: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('media') }),
    z.object({ kind: z.literal('tidy'), laterMs: z.number() }),
    z.object({ kind: z.literal('erase'), slug: z.string(), patientId: z.string() }),
  ]),
});

export type FaultyRound = z.infer<typeof shape>;

const { fault, databaseUrl, root, masterKey, work } = shape.parse(await json(process.stdin));
const pool = createPool({ url: databaseUrl, applicationName: 'faulty-round' });
const files = await createFileStore(
  loadConfig(mediaStoreShape, { RECORDINGS_URL: root }),
  Buffer.from(masterKey, 'base64'),
);
const options = {
  pool,
  files,
  logger: createLogger({ service: 'test', level: 'silent' }),
  onStep: createFault({ SWITCHBOARD_FAULT: fault }),
};
// Until it dies.
if (work.kind === 'media') startTestMediaWorker(pool, files, options);
else {
  if (work.kind === 'tidy')
    await tidyFiles({ ...options, now: () => Date.now() + work.laterMs }, new AbortController().signal);
  else await eraseBySlug(pool, { ...options, ...work, pseudonymKey: Buffer.alloc(32, 5), now: Date.now });
  await pool.end();
}
