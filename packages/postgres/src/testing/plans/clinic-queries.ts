import { api, type IndexQuery, sink } from './index-query.ts';

export const ofClinic: readonly IndexQuery[] = [
  sink('locations_external', `SELECT id FROM locations WHERE source = 'emr' AND external_id = 'x-17'`),
  sink('departments_external', `SELECT id FROM departments WHERE source = 'emr' AND external_id = 'x-17'`),
  sink(
    'practitioners_external',
    `SELECT id FROM practitioners WHERE source = 'emr' AND external_id = 'x-17'`,
  ),
  sink('practitioners_department', 'SELECT id FROM practitioners WHERE department_id = $id'),
  sink(
    'appointment_types_external',
    `SELECT id FROM appointment_types WHERE source = 'emr' AND external_id = 'x-17'`,
  ),
  sink(
    'practitioner_schedules_external',
    `SELECT id FROM practitioner_schedules WHERE source = 'emr' AND external_id = 'x-17'`,
  ),
  sink(
    'practitioner_schedules_practitioner',
    'SELECT id FROM practitioner_schedules WHERE practitioner_id = $id AND weekday = 3',
  ),
  sink('practitioner_schedules_location', 'SELECT id FROM practitioner_schedules WHERE location_id = $id'),
  api(
    'schedule_exceptions_date',
    `SELECT id FROM schedule_exceptions WHERE practitioner_id = $id AND local_date BETWEEN '2026-03-01' AND '2026-03-07'`,
  ),
  api('schedule_exceptions_location', 'SELECT id FROM schedule_exceptions WHERE location_id = $id'),
  api(
    'clinic_holidays_date',
    `SELECT id FROM clinic_holidays WHERE local_date BETWEEN '2026-03-01' AND '2026-03-07'`,
  ),
  api('clinic_holidays_location', 'SELECT id FROM clinic_holidays WHERE location_id = $id'),
  api(
    'voice_tool_uses_key',
    `SELECT answer FROM voice_tool_uses WHERE call_ref = 'x-17' AND use_key = 'x-17'`,
  ),
  sink(
    'voice_tool_uses_call',
    `SELECT tool, ok, appointment_id FROM voice_tool_uses WHERE call_ref = 'x-17'`,
  ),
  api(
    'voice_tool_callers_phone',
    `SELECT sum(tries) FROM voice_tool_callers WHERE phone = $phone AND updated_at > '2026-11-01'`,
  ),
  sink(
    'voice_tool_uses_age',
    `SELECT id FROM voice_tool_uses WHERE created_at < '2026-01-01' AND answer IS NOT NULL ORDER BY created_at LIMIT 50`,
  ),
  sink(
    'voice_tool_callers_age',
    `SELECT phone FROM voice_tool_callers WHERE created_at < '2026-01-01' ORDER BY created_at LIMIT 50`,
  ),
  api('voice_tool_uses_appointment', 'SELECT id FROM voice_tool_uses WHERE appointment_id = $id'),
];

export const ofPipeline: readonly IndexQuery[] = [
  api(
    'audit_log_entity',
    `SELECT id FROM audit_log WHERE entity_kind = 'call' AND entity_id = $id ORDER BY at DESC LIMIT 50`,
  ),
  api('audit_log_time', 'SELECT id FROM audit_log ORDER BY at DESC, id DESC LIMIT 50'),
  api(
    'audit_log_actor',
    `SELECT id FROM audit_log WHERE actor_id = 'x-17' ORDER BY at DESC, id DESC LIMIT 50`,
  ),
  api('sessions_user', 'SELECT token_hash FROM sessions WHERE user_id = $id'),
  api('dead_letters_open', `SELECT id FROM dead_letters WHERE state = 'open' ORDER BY last_at DESC LIMIT 50`),
  api('dead_letters_listed', 'SELECT id FROM dead_letters ORDER BY last_at DESC, id DESC LIMIT 50'),
  sink(
    'dead_letters_replaying',
    `SELECT id FROM dead_letters WHERE state = 'replaying' AND replay_due_at <= now() ORDER BY first_at, id LIMIT 50`,
  ),
  sink(
    'dead_letters_kept',
    `SELECT id FROM dead_letters WHERE state IN ('replayed', 'discarded') AND octet_length(sealed) > 0
       AND greatest(replayed_at, discarded_at) < '2026-01-01 02:00Z' LIMIT 500`,
  ),
  sink(
    'fact_current_made_by',
    `SELECT entity_id FROM fact_current WHERE kind = 'voice_call' AND statement_version < 1 AND statement IS NOT NULL LIMIT 100`,
  ),
  sink(
    'webhook_deliveries_due',
    `SELECT id FROM webhook_deliveries WHERE state = 'pending' AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT 10`,
  ),
  sink(
    'webhook_deliveries_entity',
    'SELECT id FROM webhook_deliveries WHERE entity_id = $id ORDER BY created_at',
  ),
];
