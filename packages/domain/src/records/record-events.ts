/** What an event of its type means for the record it is about. */
export interface EventMeaning {
  /** Place in a record's life: decides between events of one time. */
  rank: number;
  /** The status that the record has from then on. */
  status?: string;
  /** The field that says when it happened: where the sender leaves it out, it is the event's own time. */
  at?: string;
  /** A field that it makes void. */
  voids?: string;
}

const meanings: Readonly<Record<string, EventMeaning>> = {
  'patient.created': { rank: 1 },
  'patient.updated': { rank: 2 },
  'patient.merged': { rank: 3 },
  'appointment.booked': { rank: 1, status: 'scheduled', at: 'booked_at' },
  // Who confirmed the old time has not confirmed the new one.
  'appointment.rescheduled': { rank: 2, status: 'scheduled', voids: 'confirmed_at' },
  'appointment.confirmed': { rank: 3, status: 'confirmed', at: 'confirmed_at' },
  'appointment.checked_in': { rank: 4, status: 'checked_in', at: 'checked_in_at' },
  'appointment.no_show': { rank: 5, status: 'no_show' },
  'appointment.cancelled': { rank: 6, status: 'cancelled', at: 'cancelled_at' },
  'appointment.completed': { rank: 7, status: 'completed', at: 'completed_at' },
  'journey.started': { rank: 1, status: 'active', at: 'started_at' },
  'journey.paused': { rank: 4, status: 'paused', at: 'paused_at' },
  'journey.resumed': { rank: 5, status: 'active', at: 'resumed_at' },
  'journey.completed': { rank: 6, status: 'completed', at: 'completed_at' },
  'journey.canceled': { rank: 7, status: 'canceled', at: 'canceled_at' },
  'message.sent': { rank: 1, status: 'sent', at: 'sent_at' },
  'practitioner.upserted': { rank: 1 },
  'location.upserted': { rank: 1 },
  'schedule.upserted': { rank: 1 },
};

const stepMeanings: Readonly<Record<string, EventMeaning>> = {
  'journey.step_scheduled': { rank: 1, status: 'open' },
  'journey.step_completed': { rank: 2, status: 'completed', at: 'completed_at' },
};

/** Whether the contract lists a type of event. */
export function isRecordEventType(eventType: string): boolean {
  return Object.hasOwn(meanings, eventType) || Object.hasOwn(stepMeanings, eventType);
}

/** What an event says of its record; of a type that is not in the contract: nothing, at the lowest rank. */
export function meaningOf(eventType: string): EventMeaning {
  return meanings[eventType] ?? { rank: 0 };
}

/** What an event says of the journey's step that it carries. */
export function stepMeaningOf(eventType: string): EventMeaning {
  return stepMeanings[eventType] ?? { rank: 0 };
}
