import { z } from 'zod';

const text = (most = 200) => z.string().trim().min(1).max(most);
const instant = z.iso.datetime({ offset: true, local: false });
const common = {
  call_id: text().describe('The call’s id as its webhooks name it.'),
  tool_call_id: text().optional().describe('Of this use: a repeat with the same gets the same answer.'),
  language: text(35)
    .optional()
    .describe('BCP 47 tag of what is spoken; English where there are no lines of it.'),
};
const time = {
  slot_id: text().optional(),
  practitioner_id: z.uuid().optional(),
  start: instant.optional(),
};
const named = (body: {
  slot_id?: string | undefined;
  practitioner_id?: string | undefined;
  start?: string | undefined;
}) => body.slot_id !== undefined || (body.practitioner_id !== undefined && body.start !== undefined);
const whichTime = { error: 'must be slot_id, or practitioner_id and start', path: ['slot_id'] };
const appointment = { appointment_id: z.uuid().optional(), confirmation_code: text(20).optional() };
const which = (body: { appointment_id?: string | undefined; confirmation_code?: string | undefined }) =>
  body.appointment_id !== undefined || body.confirmation_code !== undefined;
const whichAppointment = { error: 'must be appointment_id or confirmation_code', path: ['appointment_id'] };

export const lookupBody = z.object({
  ...common,
  phone: text(64),
  name: text().optional(),
  date_of_birth: text(80).optional().describe('`1984-03-09`, or as it is said.'),
});

export const slotsBody = z.object({
  ...common,
  call_id: text().optional(),
  practitioner_id: z.uuid().optional(),
  practitioner: text().optional().describe('As heard: "doctor mehta".'),
  location_id: z.uuid().optional(),
  department: text().optional(),
  appointment_type: text().optional(),
  date_from: text().optional().describe('`2026-12-01`, or as it is said: "tomorrow afternoon".'),
  date_to: text().optional(),
  time_of_day: text().optional().describe('"morning", "after 4 pm".'),
  limit: z.int().min(1).max(20).optional(),
});

export const bookBody = z
  .object({
    ...common,
    ...time,
    patient_id: z.uuid().optional(),
    patient: z
      .object({
        first_name: text(),
        last_name: text().optional(),
        phone: text(64).optional(),
        date_of_birth: text(80).optional(),
      })
      .optional(),
    appointment_type: text().optional(),
    reason: text(500).optional(),
  })
  .refine(named, whichTime)
  .refine(({ patient_id, patient }) => patient_id !== undefined || patient !== undefined, {
    error: 'must be patient_id or patient',
    path: ['patient_id'],
  });

export const rescheduleBody = z
  .object({ ...common, ...appointment, ...time })
  .refine(which, whichAppointment)
  .refine(named, whichTime);

export const cancelBody = z
  .object({ ...common, ...appointment, reason: text(500).optional() })
  .refine(which, whichAppointment);

export const toolAnswer = z
  .looseObject({
    ok: z.boolean(),
    code: z.string().describe('Stable, for programs.'),
    spoken: z.string().describe('One line that a voice can say.'),
  })
  .describe('Besides these what the tool found or did.');

export type LookupBody = z.infer<typeof lookupBody>;
export type SlotsBody = z.infer<typeof slotsBody>;
export type BookBody = z.infer<typeof bookBody>;
export type RescheduleBody = z.infer<typeof rescheduleBody>;
export type CancelBody = z.infer<typeof cancelBody>;
