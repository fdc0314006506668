/** States of an appointment; FHIR's meaning in plain words. */
export const appointmentStates = [
  'held',
  'scheduled',
  'confirmed',
  'checked_in',
  'completed',
  'cancelled',
  'no_show',
] as const;
export type AppointmentState = (typeof appointmentStates)[number];

/** States in which an appointment keeps its practitioner's time from others, as the constraint in Postgres has them. */
export const occupyingStates: readonly AppointmentState[] = ['held', 'scheduled', 'confirmed', 'checked_in'];

/** `Appointment.status` of FHIR R4 (http://hl7.org/fhir/R4/valueset-appointmentstatus.html) for each state. */
export const fhirStatus: Readonly<Record<AppointmentState, string>> = {
  held: 'pending',
  scheduled: 'booked',
  confirmed: 'booked',
  checked_in: 'arrived',
  completed: 'fulfilled',
  cancelled: 'cancelled',
  no_show: 'noshow',
};
