import { appointmentFact } from '@switchboard/domain/facts/appointment';
import type { Queryable } from '../pool.ts';
import { compareRecords } from './compare-records.ts';
import { closedAt } from './opening-hours.ts';
import type { Recount } from './voice-calls.ts';

/** Counts a tenant's appointments again from the records, and compares them with what is stated. */
export function recountAppointments(db: Queryable, tenantId: string, zone: string): Promise<Recount> {
  const { kind, statementVersion } = appointmentFact;
  return compareRecords(db, tenantId, zone, { kind, statementVersion, knowsHours: true, records, stale });
}

const staleOf = (kind: 'practitioner' | 'appointment_type') => `
  SELECT a.id FROM stale_owners o JOIN appointments a ON a.tenant_id = $1 AND a.${kind}_id = o.owner_id
  WHERE o.tenant_id = $1 AND o.records = 'appointments' AND o.owner_kind = '${kind}'`;

const stale = `${staleOf('practitioner')} UNION ${staleOf('appointment_type')}`;

const ms = (from: string, to: string) =>
  `greatest(0, extract(epoch FROM date_trunc('milliseconds', ${to}) - date_trunc('milliseconds', ${from})) * 1000)`;

const records = `
real AS (
  SELECT a.*, coalesce(a.booked_at, least(a.created_at, a.starts_at)) AS made, a.status IN ('cancelled', 'no_show') AS lost,
    CASE WHEN a.moves > 0 THEN greatest(coalesce(a.booked_at, least(a.created_at, a.starts_at)), coalesce(a.moved_at, m.moved_at)) ELSE coalesce(a.booked_at, least(a.created_at, a.starts_at)) END AS taken,
    a.ends_at - a.starts_at <= interval '24 hours' AS keeps_slot, (a.starts_at AT TIME ZONE 'UTC')::date AS utc_day
  FROM appointments a
  LEFT JOIN patients p ON p.tenant_id = a.tenant_id AND p.id = a.patient_id
  LEFT JOIN (SELECT appointment_id, max(occurred_at) AS moved_at FROM appointment_history
    WHERE tenant_id = $1 AND change = 'moved' GROUP BY 1) m ON m.appointment_id = a.id
  WHERE a.tenant_id = $1 AND a.status <> 'held' AND NOT a.placeholder AND NOT a.entered_in_error AND NOT coalesce(p.test_data, false)
), began AS (
  SELECT k.id, k.patient_id, coalesce(v.at, m.at, k.created_at) AS at FROM conversations k
  LEFT JOIN (SELECT conversation_id, min(began_at) AS at FROM voice_calls WHERE tenant_id = $1 GROUP BY 1) v
    ON v.conversation_id = k.id AND k.channel = 'voice'
  LEFT JOIN (SELECT conversation_id, min(sent_at) AS at FROM conversation_messages WHERE tenant_id = $1 AND NOT entered_in_error GROUP BY 1) m
    ON m.conversation_id = k.id AND k.channel <> 'voice'
  WHERE k.tenant_id = $1 AND k.patient_id IS NOT NULL
), way AS (
  -- Everything that a patient did, in order; a booking follows the conversation of the same instant.
  SELECT e.*, row_number() OVER w AS place, count(*) FILTER (WHERE booking = 0) OVER w AS contacts
  FROM (SELECT patient_id, made AS at, 1 AS booking, id FROM real WHERE patient_id IS NOT NULL
    UNION ALL SELECT patient_id, at, 0, id FROM began) e
  WINDOW w AS (PARTITION BY patient_id ORDER BY at, booking, id ROWS UNBOUNDED PRECEDING)
), bookings AS (
  SELECT id, place, row_number() OVER w AS nth, contacts - coalesce(lag(contacts) OVER w, 0) AS contacts
  FROM way WHERE booking = 1 WINDOW w AS (PARTITION BY patient_id ORDER BY at, id)
), visits AS (
  SELECT id, starts_at, lead(starts_at) OVER (PARTITION BY patient_id ORDER BY starts_at, id) AS next
  FROM real WHERE patient_id IS NOT NULL AND status IN ('checked_in', 'completed')
), rebooked AS (
  SELECT DISTINCT a.id FROM real a JOIN real b ON b.patient_id = a.patient_id
  WHERE a.lost AND b.id <> a.id
    AND b.made > CASE WHEN a.status = 'cancelled' AND a.cancelled_at IS NOT NULL THEN a.cancelled_at ELSE a.starts_at END
    AND b.made - interval '720 hours' <= CASE WHEN a.status = 'cancelled' AND a.cancelled_at IS NOT NULL THEN a.cancelled_at ELSE a.starts_at END
), beside AS (
  SELECT a.id, count(*) FILTER (WHERE NOT a.lost AND NOT b.lost AND (b.starts_at < a.starts_at OR (b.starts_at = a.starts_at AND b.id < a.id))) AS overlaps,
    min(b.taken) FILTER (WHERE b.status <> 'cancelled' AND coalesce(b.patient_id <> a.patient_id, true)
      AND b.taken >= CASE a.status WHEN 'cancelled' THEN a.cancelled_at WHEN 'no_show' THEN a.starts_at END) AS refilled_at
  FROM real a CROSS JOIN generate_series(-1, 1) step
  JOIN real b ON b.practitioner_id = a.practitioner_id AND b.utc_day = a.utc_day + step
  WHERE a.keeps_slot AND b.keeps_slot AND b.id <> a.id AND b.starts_at < a.ends_at AND a.starts_at < b.ends_at
  GROUP BY a.id
), columns AS (
  SELECT a.id, a.starts_at, a.made, a.booking_time_unknown, a.cancelled_at, a.status, jsonb_build_object(
    'status', a.status,
    'channel', a.channel,
    'appointment_type', coalesce(a.appointment_type_id::text, ''),
    'fee_currency', CASE WHEN f.minor IS NOT NULL AND f.currency ~ '^[A-Z]{3}$' THEN f.currency ELSE '' END,
    'practitioner_id', coalesce(a.practitioner_id, z.id),
    'department_id', coalesce(d.department_id, z.id),
    'location_id', coalesce(a.location_id, z.id),
    'patient_id', coalesce(a.patient_id, z.id),
    'patient_cancelled', (a.status = 'cancelled' AND a.cancelled_by IS NOT DISTINCT FROM 'patient')::int,
    'clinic_cancelled', (a.status = 'cancelled' AND a.cancelled_by IS NOT DISTINCT FROM 'clinic')::int,
    'late_cancelled', l.late::int,
    'confirmed_in_time', coalesce(a.confirmed_at < a.starts_at, false)::int,
    'moved', (a.moves > 0)::int,
    'moves', a.moves,
    'same_day', ((a.starts_at AT TIME ZONE $2)::date = (a.made AT TIME ZONE $2)::date)::int,
    'new_patient', (g.nth IS NOT DISTINCT FROM 1)::int,
    'first_event', (g.place IS NOT DISTINCT FROM 1)::int,
    'ai_booked', (a.tool_call_id IS NOT NULL OR (a.call_id IS NOT NULL AND a.channel = 'voice'))::int,
    'after_hours', ${closedAt('a.made')}::int,
    'contacts_before', coalesce(g.contacts, 0),
    'rebooked_30d', (r.id IS NOT NULL)::int,
    'returned_90d', (a.status = 'completed' AND coalesce(v.next <= v.starts_at + interval '2160 hours', false))::int,
    'slot_refilled', (a.status = 'cancelled' AND s.refilled_at IS NOT NULL)::int,
    'arrival_known', (a.checked_in_at IS NOT NULL)::int,
    'arrived_late', coalesce(a.checked_in_at > a.starts_at, false)::int,
    'overlaps', coalesce(s.overlaps, 0),
    'duration_ms', ${ms('a.starts_at', 'a.ends_at')},
    'lost_fee_micro', CASE WHEN (l.late OR a.status = 'no_show') AND s.refilled_at IS NULL THEN coalesce(f.minor, 0) * 1000000 ELSE 0 END
  ) AS counted, jsonb_build_object(
    'lead_time_ms_hist', jsonb_build_array(${ms('a.made', 'a.starts_at')}),
    'refill_time_ms_hist', jsonb_build_array(CASE WHEN a.status = 'cancelled' AND s.refilled_at IS NOT NULL THEN ${ms('a.cancelled_at', 's.refilled_at')} END)
  ) AS spans
  FROM real a CROSS JOIN opening o CROSS JOIN (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS id) z
  CROSS JOIN LATERAL (SELECT a.status = 'cancelled' AND coalesce(a.starts_at - a.cancelled_at < interval '24 hours', false) AS late) l
  LEFT JOIN practitioners d ON d.tenant_id = $1 AND d.id = a.practitioner_id
  LEFT JOIN appointment_types y ON y.tenant_id = $1 AND y.id = a.appointment_type_id
  CROSS JOIN LATERAL (SELECT coalesce(a.fee_minor, y.fee_minor) AS minor,
    CASE WHEN a.fee_minor IS NULL THEN y.fee_currency ELSE a.fee_currency END AS currency) f
  LEFT JOIN bookings g ON g.id = a.id
  LEFT JOIN visits v ON v.id = a.id
  LEFT JOIN rebooked r ON r.id = a.id
  LEFT JOIN beside s ON s.id = a.id
), records AS (
  SELECT id, 'starts' AS basis, starts_at AS at, counted, spans, NULL AS phone FROM columns
  UNION ALL SELECT id, 'created', made, counted, spans, NULL FROM columns WHERE NOT booking_time_unknown
  UNION ALL SELECT id, 'cancelled', cancelled_at, counted, spans, NULL FROM columns WHERE status = 'cancelled' AND cancelled_at IS NOT NULL
)`;
