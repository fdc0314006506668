import type { Queryable } from '../pool.ts';

export const timelineKinds = ['call', 'conversation', 'appointment', 'journey'] as const;
export type TimelineKind = (typeof timelineKinds)[number];

/** Something of a patient's, with what its kind tells. Names are those of columns; what a kind lacks is null. */
export interface TimelineRow {
  kind: TimelineKind;
  id: string;
  at: Date;
  /** `at` to the microsecond, as the next page's place. */
  place: string;
  status: string | null;
  channel: string | null;
  direction: string | null;
  intent: string | null;
  outcome: string | null;
  duration_seconds: number | null;
  ends_at: Date | null;
  practitioner: string | null;
  title: string | null;
  /** As said or written: PHI. */
  text: string | null;
}

export interface TimelineOptions {
  kinds: readonly TimelineKind[];
  limit: number;
  /** What was shown last. */
  after?: { at: string; id: string };
}

/**
 * Calls, conversations by message, appointments and journeys of a patient of the open transaction's tenant, latest
 * first. A call's own conversation is not told twice.
 */
export async function readTimeline(
  db: Queryable,
  tenantId: string,
  patientId: string,
  { kinds, limit, after }: TimelineOptions,
): Promise<TimelineRow[]> {
  const branches = kinds.map((kind) => `(${branch(kind)})`).join('\nUNION ALL\n');
  const { rows } = await db.query<TimelineRow>(
    `SELECT *, at::text AS place FROM (${branches}) t ORDER BY at DESC, id DESC LIMIT $5`,
    [tenantId, patientId, after?.at ?? 'infinity', after?.id ?? greatestId, limit],
  );
  return rows;
}

const greatestId = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Each kind's next records by themselves, from its index, so that a page costs no more than it shows. */
function branch(kind: TimelineKind): string {
  const { at, from, columns, where = '' } = sources[kind];
  return `SELECT '${kind}' AS kind, r.id, ${at} AS at, ${columns} FROM ${from}
    WHERE r.tenant_id = $1 AND r.patient_id = $2 ${where} AND (${at}, r.id) < ($3::timestamptz, $4::uuid)
    ORDER BY ${at} DESC, r.id DESC LIMIT $5`;
}

const practitioner = 'LEFT JOIN practitioners d ON d.tenant_id = r.tenant_id AND d.id = r.practitioner_id';

const sources: Record<TimelineKind, { at: string; from: string; columns: string; where?: string }> = {
  call: {
    at: 'r.began_at',
    from: 'voice_calls r',
    columns: `r.status, 'voice' AS channel, r.direction, r.intent, r.outcome, r.duration_seconds, r.ended_at AS ends_at,
      NULL AS practitioner, NULL AS title, r.summary AS text`,
  },
  conversation: {
    at: 'coalesce(r.last_message_at, r.created_at)',
    from: 'conversations r',
    columns: `r.state AS status, r.channel, NULL AS direction, r.intent, NULL AS outcome, NULL::float8 AS duration_seconds,
      NULL::timestamptz AS ends_at, NULL AS practitioner, NULL AS title, NULL AS text`,
    where: `AND r.channel <> 'voice'`,
  },
  appointment: {
    at: 'r.starts_at',
    from: `appointments r ${practitioner}
      LEFT JOIN appointment_types y ON y.tenant_id = r.tenant_id AND y.id = r.appointment_type_id`,
    columns: `r.status, r.channel, NULL AS direction, NULL AS intent, NULL AS outcome, NULL::float8 AS duration_seconds,
      r.ends_at, d.display_name AS practitioner, y.name AS title, r.reason AS text`,
    where: 'AND NOT r.placeholder AND NOT r.entered_in_error',
  },
  journey: {
    at: 'coalesce(r.started_at, r.created_at)',
    from: `journeys r ${practitioner}`,
    columns: `r.status, NULL AS channel, NULL AS direction, NULL AS intent, NULL AS outcome, NULL::float8 AS duration_seconds,
      r.ended_at AS ends_at, d.display_name AS practitioner, r.journey_type AS title, NULL AS text`,
    where: 'AND NOT r.entered_in_error',
  },
};
