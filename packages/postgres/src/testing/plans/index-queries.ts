import { ofClinic, ofPipeline } from './clinic-queries.ts';
import { ofConversations } from './conversation-queries.ts';
import { api, enrich, type IndexQuery, sink } from './index-query.ts';
import { ofMessages } from './message-queries.ts';

const ofCalls: readonly IndexQuery[] = [
  api('voice_calls_began', 'SELECT id FROM voice_calls ORDER BY began_at DESC, id LIMIT 50'),
  api(
    'voice_calls_status',
    `SELECT id FROM voice_calls WHERE status = 'in_progress' ORDER BY began_at DESC LIMIT 50`,
  ),
  api(
    'voice_calls_intent',
    `SELECT id FROM voice_calls WHERE intent = 'rare' ORDER BY began_at DESC LIMIT 50`,
  ),
  api(
    'voice_calls_outcome',
    `SELECT id FROM voice_calls WHERE outcome = 'rare' ORDER BY began_at DESC LIMIT 50`,
  ),
  api('voice_calls_patient', `SELECT id FROM voice_calls WHERE patient_id = $id ORDER BY began_at DESC`),
  api('voice_calls_original_patient', 'SELECT id FROM voice_calls WHERE original_patient_id = $id'),
  api('voice_calls_conversation', 'SELECT id FROM voice_calls WHERE conversation_id = $id'),
  sink(
    'voice_calls_contact',
    `SELECT id FROM voice_calls WHERE contact_phone = $phone AND began_at > now() - interval '7 days' ORDER BY began_at LIMIT 1`,
  ),
  sink(
    'voice_call_recordings_due',
    `SELECT call_id FROM voice_call_recordings WHERE state = 'pending' AND source_url IS NOT NULL AND next_attempt_at <= '2026-01-01 08:20Z' ORDER BY next_attempt_at LIMIT 1`,
  ),
  sink(
    'voice_call_recordings_expiry',
    `SELECT call_id FROM voice_call_recordings WHERE state = 'stored' AND expires_at <= '2026-01-01 02:00Z'`,
  ),
  sink('voice_call_recordings_file_index', 'SELECT call_id FROM voice_call_recordings WHERE file_id = $id'),
  sink('message_media_file_index', 'SELECT message_id FROM message_media WHERE file_id = $id'),
  sink(
    'stored_files_content',
    `SELECT id FROM stored_files WHERE sha256 = 'x-17' AND state = 'stored' AND variant = 'original'`,
  ),
  api(
    'stored_files_variant',
    `SELECT id FROM stored_files WHERE original_id = $id AND variant = 'thumbnail' AND state = 'stored'`,
  ),
  sink('stored_files_original', 'SELECT id FROM stored_files WHERE original_id = $id'),
  sink(
    'stored_files_unread',
    `SELECT id FROM stored_files WHERE state = 'stored' AND reading = 'pending' AND reading_at <= '2026-01-02Z' ORDER BY reading_at LIMIT 1`,
  ),
  sink(
    'stored_files_unfinished',
    `SELECT id FROM stored_files WHERE state = 'writing' AND updated_at < '2026-01-01 02:00Z'`,
  ),
];

const ofPeople: readonly IndexQuery[] = [
  sink('patients_external', `SELECT id FROM patients WHERE source = 'emr' AND external_id = 'x-17'`),
  api('patients_born', `SELECT id FROM patients WHERE date_of_birth = '1980-02-03'`),
  sink(
    'patients_updated',
    `SELECT id FROM patients WHERE erased_at IS NULL AND merged_into IS NULL AND updated_at < '2026-01-01 02:00Z' ORDER BY updated_at, id LIMIT 10`,
  ),
  api('patients_merged_into', 'SELECT id FROM patients WHERE merged_into = $id'),
  sink('patients_name_call', 'SELECT id FROM patients WHERE name_call_id = $id'),
  sink('patients_origin_call', 'SELECT id FROM patients WHERE origin_call_id = $id'),
  enrich(
    'patient_identifiers_value',
    `SELECT patient_id FROM patient_identifiers WHERE kind = 'phone' AND value = $phone`,
  ),
  api('patient_merges_absorbed', 'SELECT id FROM patient_merges WHERE absorbed_id = $id'),
  api('patient_merges_survivor', 'SELECT id FROM patient_merges WHERE survivor_id = $id'),
  sink(
    'match_decisions_open',
    `SELECT entity_id FROM match_decisions WHERE decision = 'review' ORDER BY created_at LIMIT 20`,
  ),
  api('match_decisions_patient', 'SELECT entity_id FROM match_decisions WHERE patient_id = $id'),
  api(
    'match_reviews_of_entity',
    `SELECT id FROM match_reviews WHERE entity_kind = 'voice_call' AND entity_id = $id AND state = 'open'`,
  ),
  api(
    'match_reviews_entity',
    `SELECT id FROM match_reviews WHERE entity_kind = 'voice_call' AND entity_id = $id`,
  ),
  api(
    'match_reviews_state',
    `SELECT id FROM match_reviews WHERE state = 'linked' AND (created_at, id) > ('-infinity', $id) ORDER BY created_at, id LIMIT 20`,
  ),
  api('match_reviews_patient', 'SELECT id FROM match_reviews WHERE patient_id = $id'),
];

const day = `>= '2026-03-02' AND starts_at < '2026-03-03'`;

const ofAppointments: readonly IndexQuery[] = [
  api(
    'appointments_starts',
    `SELECT id FROM appointments WHERE starts_at ${day} ORDER BY starts_at, id LIMIT 50`,
  ),
  api(
    'appointments_practitioner',
    `SELECT id FROM appointments WHERE practitioner_id = $id AND starts_at ${day} ORDER BY starts_at`,
  ),
  api('appointments_patient', 'SELECT id FROM appointments WHERE patient_id = $id ORDER BY starts_at'),
  api('appointments_original_patient', 'SELECT id FROM appointments WHERE original_patient_id = $id'),
  api(
    'appointments_location',
    `SELECT id FROM appointments WHERE location_id = $id AND starts_at ${day} ORDER BY starts_at`,
  ),
  sink(
    'appointments_type_starts',
    `SELECT id FROM appointments WHERE appointment_type_id = $id AND (starts_at, id) > ('2026-03-01'::timestamptz, $id) ORDER BY starts_at, id LIMIT 100`,
  ),
  api('appointments_conversation', 'SELECT id FROM appointments WHERE conversation_id = $id'),
  api('appointments_tool_call', `SELECT id FROM appointments WHERE call_id = $id AND tool_call_id = 't1'`),
  api('appointments_code', `SELECT id FROM appointments WHERE confirmation_code = 'C-17'`),
  api(
    'appointments_updated',
    `SELECT id FROM appointments WHERE updated_at >= now() - interval '1 hour' ORDER BY updated_at, id LIMIT 100`,
  ),
  api('appointments_holds', `SELECT id FROM appointments WHERE status = 'held' AND hold_expires_at < now()`),
  sink('appointments_twins', 'SELECT id FROM appointments WHERE twin_of = $id'),
  sink(
    'appointments_conflicts',
    `SELECT id FROM appointments WHERE conflict AND practitioner_id = $id AND starts_at ${day}`,
  ),
  api(
    'booking_requests_open',
    `SELECT id FROM booking_requests WHERE state = 'open' ORDER BY created_at LIMIT 20`,
  ),
  api('booking_requests_patient', 'SELECT id FROM booking_requests WHERE patient_id = $id'),
  api('booking_requests_conversation', 'SELECT id FROM booking_requests WHERE conversation_id = $id'),
  api('booking_requests_appointment', 'SELECT id FROM booking_requests WHERE appointment_id = $id'),
  api('booking_requests_call', 'SELECT id FROM booking_requests WHERE call_id = $id'),
];

const ofRecords: readonly IndexQuery[] = [
  sink(
    'appointments_patient_made',
    'SELECT id FROM appointments WHERE patient_id = $id ORDER BY CASE WHEN booked_at IS NULL THEN least(created_at, starts_at) ELSE booked_at END, id LIMIT 1',
  ),
  sink('record_states_entity', 'SELECT external_id FROM record_states WHERE entity_id = $id'),
  sink('record_states_awaits', 'SELECT external_id FROM record_states WHERE awaits = $id'),
  sink('practitioner_schedules_schedule', 'SELECT id FROM practitioner_schedules WHERE schedule_id = $id'),
  sink('schedule_exceptions_schedule', 'SELECT id FROM schedule_exceptions WHERE schedule_id = $id'),
  api(
    'webhook_deliveries_endpoint',
    'SELECT id FROM webhook_deliveries WHERE endpoint_id = $id ORDER BY created_at DESC, id DESC LIMIT 20',
  ),
];

const ofJourneys: readonly IndexQuery[] = [
  api('journeys_patient', 'SELECT id FROM journeys WHERE patient_id = $id ORDER BY started_at'),
  api('journeys_original_patient', 'SELECT id FROM journeys WHERE original_patient_id = $id'),
  sink(
    'journeys_begun',
    `SELECT id FROM journeys WHERE (coalesce(started_at, created_at), id) > ('2026-01-01 02:00Z', $id) ORDER BY coalesce(started_at, created_at), id LIMIT 50`,
  ),
  api('journeys_status', `SELECT id FROM journeys WHERE status = 'paused' ORDER BY started_at DESC LIMIT 20`),
  sink(
    'journeys_practitioner_made',
    `SELECT id FROM journeys WHERE practitioner_id = $id AND (created_at, id) > ('-infinity'::timestamptz, $id) ORDER BY created_at, id LIMIT 100`,
  ),
  api('journeys_department', 'SELECT id FROM journeys WHERE department_id = $id'),
  api('journey_steps_journey', 'SELECT id FROM journey_steps WHERE journey_id = $id ORDER BY position'),
  api(
    'journey_steps_due',
    `SELECT id FROM journey_steps WHERE completed_at IS NULL AND due_at < '2026-01-01 02:00Z' ORDER BY due_at`,
  ),
  api('journey_steps_appointment', 'SELECT id FROM journey_steps WHERE appointment_id = $id'),
];

/** One query for each index of a tenant's table that is no key; the plan test runs them as the roles that ask so. */
export const indexQueries: readonly IndexQuery[] = [
  ...ofCalls,
  ...ofPeople,
  ...ofAppointments,
  ...ofRecords,
  ...ofJourneys,
  ...ofConversations,
  ...ofMessages,
  ...ofClinic,
  ...ofPipeline,
];
