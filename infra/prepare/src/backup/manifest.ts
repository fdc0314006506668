import { SwitchboardError } from '@switchboard/platform';
import { z } from 'zod';

/** The file that is written last: a directory without it is no backup. */
export const manifestName = 'manifest.json';

const manifestSchema = z.object({
  format: z.literal(1),
  /** When the snapshot was taken, RFC 3339. */
  taken_at: z.iso.datetime(),
  migrations: z.array(z.string()),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()),
      /** Of the file's uncompressed bytes. */
      sha256: z.string(),
      bytes: z.number(),
    }),
  ),
  sequences: z.record(z.string(), z.string()),
  schemas: z.array(
    z.object({ subject: z.string(), version: z.number(), id: z.number(), schema: z.string() }),
  ),
  /** Where groups stood before the snapshot was taken. Older backups have none. */
  places: z
    .array(
      z.object({
        group: z.string(),
        topic: z.string(),
        partition: z.number(),
        offset: z.string().regex(/^\d+$/),
      }),
    )
    .default([]),
  /** `sha256` is of the sealed bytes, as they lie. Older backups have none. */
  files: z.array(z.object({ tenantId: z.uuid(), id: z.uuid(), sha256: z.string().optional() })),
});

/** What a backup holds. */
export type Manifest = z.infer<typeof manifestSchema>;

/** @throws SwitchboardError `not_a_backup` */
export function parseManifest(text: string): Manifest {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SwitchboardError('not_a_backup', 'manifest.json is none of this version’s backups', { cause });
  }
}
