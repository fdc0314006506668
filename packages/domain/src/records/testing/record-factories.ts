import { randomUUID } from 'node:crypto';
import type { NamedReference, PatientDetails, RecordReceived } from '@switchboard/schemas';
import { eventId, uuidV5 } from '../../ids.ts';

type Details<K extends keyof RecordReceived> = Partial<NonNullable<RecordReceived[K]>>;

/** An event of the clinic's system: what is not given was not said. */
export interface RecordParts
  extends Partial<
    Omit<
      RecordReceived,
      'patient' | 'appointment' | 'journey' | 'step' | 'message' | 'practitioner' | 'location' | 'schedule'
    >
  > {
  patient?: Details<'patient'>;
  appointment?: Details<'appointment'>;
  journey?: Details<'journey'>;
  step?: Details<'step'>;
  message?: Details<'message'>;
  practitioner?: Details<'practitioner'>;
  location?: Details<'location'>;
  schedule?: Details<'schedule'>;
}

/** @param type e.g. `appointment.booked` @param externalId the sender's own id of the record */
export function recordEvent(type: string, externalId: string, parts: RecordParts = {}): RecordReceived {
  const tenantId = parts.tenant_id ?? randomUUID();
  const vendorEventId = parts.vendor_event_id ?? randomUUID();
  const kind = type.split('.')[0] ?? '';
  const { source = 'events', origin = '/clinic/emr' } = parts;
  const at = parts.occurred_at ?? Date.now();
  return {
    event_id: eventId(tenantId, source, 'record', vendorEventId, origin),
    tenant_id: tenantId,
    source,
    origin,
    vendor_event_id: vendorEventId,
    event_type: type,
    kind,
    external_id: externalId,
    entity_key: uuidV5(kind, externalId),
    occurred_at: at,
    received_at: at + 400,
    cleared: [],
    extra: null,
    ...parts,
    patient: whole(patientDetails, parts.patient),
    appointment: whole(appointmentDetails, parts.appointment),
    journey: whole(journeyDetails, parts.journey),
    step: whole(stepDetails, parts.step),
    message: whole(messageDetails, parts.message),
    practitioner: whole(practitionerDetails, parts.practitioner),
    location: whole(locationDetails, parts.location),
    schedule: whole(scheduleDetails, parts.schedule),
  };
}

/** A patient as another record's event names it. */
export function somebody(details: Partial<PatientDetails>): PatientDetails {
  return { ...patientDetails, ...details };
}

export function named(external_id: string | null, name: string | null = null): NamedReference {
  return { external_id, name };
}

function whole<T extends object>(unsaid: T, said: Partial<T> | undefined): T | null {
  return said === undefined ? null : { ...unsaid, ...said };
}

const patientDetails: PatientDetails = {
  external_id: null,
  first_name: null,
  last_name: null,
  full_name: null,
  date_of_birth: null,
  sex: null,
  phones: null,
  email: null,
  identifiers: null,
  address: null,
  language: null,
  active: null,
  deceased: null,
  merged_into: null,
};

const appointmentDetails: NonNullable<RecordReceived['appointment']> = {
  appointment_id: null,
  patient: null,
  practitioner: null,
  location: null,
  department: null,
  appointment_type: null,
  start: null,
  end: null,
  channel: null,
  reason: null,
  fee_minor: null,
  fee_currency: null,
  booked_at: null,
  moved_from_start: null,
  moved_from_end: null,
  confirmed_at: null,
  checked_in_at: null,
  completed_at: null,
  cancelled_at: null,
  cancelled_by: null,
  cancel_reason: null,
  late_minutes: null,
  journey: null,
  notes: null,
};

const journeyDetails: NonNullable<RecordReceived['journey']> = {
  patient: null,
  journey_type: null,
  name: null,
  practitioner: null,
  location: null,
  department: null,
  started_at: null,
  paused_at: null,
  resumed_at: null,
  completed_at: null,
  canceled_at: null,
  reason: null,
  notes: null,
  stage: null,
};

const stepDetails: NonNullable<RecordReceived['step']> = {
  external_id: 'S-1',
  name: null,
  step_type: null,
  position: null,
  due_at: null,
  completed_at: null,
  appointment: null,
  result: null,
  stage: null,
};

const messageDetails: NonNullable<RecordReceived['message']> = {
  patient: null,
  channel: null,
  direction: null,
  from_address: null,
  to_address: null,
  subject: null,
  body: null,
  status: null,
  sent_at: null,
  template: null,
  campaign: null,
  conversation: null,
  appointment: null,
  journey: null,
  cost_minor: null,
  cost_currency: null,
};

const practitionerDetails: NonNullable<RecordReceived['practitioner']> = {
  name: null,
  title: null,
  department: null,
  locations: null,
  languages: null,
  active: null,
};

const locationDetails: NonNullable<RecordReceived['location']> = {
  name: null,
  address: null,
  time_zone: null,
  phone: null,
  active: null,
};

const scheduleDetails: NonNullable<RecordReceived['schedule']> = {
  practitioner: null,
  location: null,
  time_zone: null,
  valid_from: null,
  valid_to: null,
  rules: null,
  exceptions: null,
};
