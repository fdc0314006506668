import { z } from 'zod';
import { written } from '../paging/parameters.ts';

const instant = z.iso.datetime({ offset: true, local: false }).describe('RFC 3339 with offset.');

export const bookBody = z.strictObject({
  practitioner_id: z.uuid(),
  start: instant,
  appointment_type_id: z.uuid().optional().describe('Else the clinic’s usual one.'),
  patient_id: z.uuid().optional(),
  reason: written(500).optional(),
  hold_minutes: z.int().min(1).max(120).optional().describe('Only keep the time free for so long.'),
});

export const moveBody = z.strictObject({ practitioner_id: z.uuid().optional(), start: instant });

export const cancelBody = z.strictObject({
  by: z.enum(['patient', 'clinic']),
  reason: written(500).optional(),
});

export const holdBody = z.strictObject({ patient_id: z.uuid() });

export const versionHeader = z.looseObject({
  'if-match': z
    .string()
    .regex(/^"?\d{1,9}"?$/, 'must be the version that was shown, in quotes')
    .optional()
    .describe('The `version` that was shown: a later one answers 409.'),
});

/** The version that a change is meant for; undefined: whichever there is. */
export function readVersion(header: string | undefined): number | undefined {
  return header === undefined ? undefined : Number(header.replaceAll('"', ''));
}
