/** A restore that does something to itself at a step. Its standard input is {@link FaultyRestore}. */
import { json } from 'node:stream/consumers';
import { createDirectoryStore } from '@switchboard/media/store/directory-store';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { z } from 'zod';
import { restoreBackup } from '../restore-backup.ts';

const shape = z.object({
  fault: faultShape.SWITCHBOARD_FAULT,
  databaseUrl: z.string(),
  registryUrl: z.string(),
  brokers: z.array(z.string()),
  groupPrefix: z.string(),
  objects: z.string(),
  dir: z.string(),
});

export type FaultyRestore = z.infer<typeof shape>;

const { fault, brokers, groupPrefix, objects, ...input } = shape.parse(await json(process.stdin));
await restoreBackup({
  ...input,
  kafka: { brokers, groupPrefix },
  objects: createDirectoryStore(objects),
  onStep: createFault({ SWITCHBOARD_FAULT: fault }),
});
