/** Where an event could not go on. */
export const deadLetterStages = ['ingest', 'enrich', 'sink'] as const;

export type DeadLetterStage = (typeof deadLetterStages)[number];

/** What became of a dead letter: it waits for a decision, is being put back, was put back, or was given up. */
export const deadLetterStates = ['open', 'replaying', 'replayed', 'discarded'] as const;

export type DeadLetterState = (typeof deadLetterStates)[number];

/** Why; each in words for the person who decides on replay or discard. Never text of the event. */
export const deadLetterReasons = {
  not_json: 'The body of the webhook is not JSON in UTF-8.',
  not_an_object: 'The body of the webhook is JSON, but not an object.',
  too_deep: 'The body of the webhook is nested too deeply.',
  invalid_body: 'Fields of the webhook are missing or wrong; the detail names them.',
  unknown_vendor: 'The webhook names a vendor that has no adapter.',
  not_sendable: 'The event is larger than a topic takes.',
  not_avro: 'The bytes in the topic are not in Avro wire format.',
  unknown_schema: 'The bytes name a schema that the registry does not know.',
  schema_mismatch: 'The bytes were written with a schema that ours cannot read.',
  bad_payload: 'The bytes are not what their schema says.',
  step_failed: 'A step of enrichment threw; the detail names it.',
  invalid_event: 'What was to be sent on does not fit its schema; the detail names the fields.',
  undecodable: 'The bytes in the topic cannot be read as an event; the detail names the fault.',
  unknown_event_type: 'The clinic’s system sent a type of event that the contract does not list.',
  implausible_time:
    'A time is before 1990, years ahead, or an appointment longer than a day; the detail names the field.',
  ends_before_start: 'An appointment ends before it starts.',
  refers_to_itself: 'A record names itself where it must name another; the detail names the field.',
  invalid_value: 'A value is none of its field; the detail names the field.',
  patient_already_merged: 'A patient was to be merged into one, and had been merged into another before.',
  unknown_tenant: 'No such clinic is known.',
  row_refused: 'The database refused the rows of this event; the detail names the constraint.',
  process_killed: 'The process ended while it worked on this event, five times.',
  unexpected_error: 'A fault in our code; the detail names the place.',
} as const;

export type DeadLetterReason = keyof typeof deadLetterReasons;

export function isDeadLetterReason(text: string): text is DeadLetterReason {
  return Object.hasOwn(deadLetterReasons, text);
}
