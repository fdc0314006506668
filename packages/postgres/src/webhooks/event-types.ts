/** What an endpoint may want to be told. */
export const appointmentEventTypes = [
  'appointment.booked',
  'appointment.rescheduled',
  'appointment.confirmed',
  'appointment.checked_in',
  'appointment.completed',
  'appointment.cancelled',
  'appointment.no_show',
] as const;

export type AppointmentEventType = (typeof appointmentEventTypes)[number];

/** Of a delivery that somebody asked for to see whether all is well. */
export const testEventType = 'endpoint.test';

const channel = 'switchboard_webhooks';

/** Where the worker hears that something is to be sent. */
export const webhookChannel = channel;

/** The statement that wakes the worker once the transaction is committed. */
export const wakeWebhooksSql = `SELECT pg_notify('${channel}', '')`;
