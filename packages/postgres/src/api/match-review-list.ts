import type { Queryable } from '../pool.ts';

export const reviewStates = ['open', 'linked', 'new', 'rejected', 'obsolete'] as const;
export type ReviewState = (typeof reviewStates)[number];

export interface ReviewPatient {
  id: string;
  first_name: string | null;
  last_name: string | null;
  date_of_birth: string | null;
}

export interface ReviewRow {
  id: string;
  entity_kind: string;
  entity_id: string;
  state: ReviewState;
  patient_id: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  created_at: Date;
  /** `created_at` to the microsecond, as the next page's place. */
  place: string;
  /** When the record was. */
  occurred_at: Date | null;
  contact_name: string | null;
  contact_phone: string | null;
  contact_date_of_birth: string | null;
  /** Best first; `patient` is null when it is gone. */
  candidates: { score: number; breakdown: Record<string, number>; patient: ReviewPatient | null }[];
}

export interface ReviewListOptions {
  state: ReviewState;
  entityKind?: string;
  limit: number;
  /** What was shown last. */
  after?: { at: string; id: string };
}

/** Reviews of the open transaction's tenant in a state, oldest first. */
export async function listReviews(
  db: Queryable,
  tenantId: string,
  { state, entityKind, limit, after }: ReviewListOptions,
): Promise<ReviewRow[]> {
  const { rows } = await db.query<ReviewRow>(
    `${reviewSql} WHERE r.tenant_id = $1 AND r.state = $2 AND ($3::text IS NULL OR r.entity_kind = $3)
       AND (r.created_at, r.id) > ($4::timestamptz, $5::uuid)
     ORDER BY r.created_at, r.id LIMIT $6`,
    [
      tenantId,
      state,
      entityKind ?? null,
      after?.at ?? '-infinity',
      after?.id ?? '00000000-0000-0000-0000-000000000000',
      limit,
    ],
  );
  return rows;
}

/** One review of the open transaction's tenant; undefined for another's or none. */
export async function readReview(
  db: Queryable,
  tenantId: string,
  reviewId: string,
): Promise<ReviewRow | undefined> {
  const { rows } = await db.query<ReviewRow>(`${reviewSql} WHERE r.tenant_id = $1 AND r.id = $2`, [
    tenantId,
    reviewId,
  ]);
  return rows[0];
}

const reviewSql = `
SELECT r.id, r.entity_kind, r.entity_id, r.state, r.patient_id, r.decided_by, r.decided_at, r.created_at,
  r.created_at::text AS place, coalesce(c.began_at, v.last_message_at, v.created_at, a.starts_at) AS occurred_at,
  coalesce(c.contact_name, v.contact_name, nullif(concat_ws(' ', e.first_name, e.last_name), '')) AS contact_name,
  coalesce(c.contact_phone, v.contact_phone) AS contact_phone,
  coalesce(c.contact_date_of_birth, e.date_of_birth) AS contact_date_of_birth,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('score', o.candidate -> 'score', 'breakdown', o.candidate -> 'breakdown',
     'patient', CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('id', p.id, 'first_name', p.first_name,
       'last_name', p.last_name, 'date_of_birth', p.date_of_birth) END) ORDER BY o.place), '[]')
   FROM jsonb_array_elements(r.candidates) WITH ORDINALITY AS o (candidate, place)
   LEFT JOIN patients p ON p.tenant_id = r.tenant_id AND p.id = (o.candidate ->> 'patient_id')::uuid) AS candidates
FROM match_reviews r
LEFT JOIN voice_calls c ON r.entity_kind = 'voice_call' AND c.tenant_id = r.tenant_id AND c.id = r.entity_id
LEFT JOIN conversations v ON r.entity_kind = 'conversation' AND v.tenant_id = r.tenant_id AND v.id = r.entity_id
LEFT JOIN appointments a ON r.entity_kind = 'appointment' AND a.tenant_id = r.tenant_id AND a.id = r.entity_id
LEFT JOIN patients e ON r.entity_kind = 'patient' AND e.tenant_id = r.tenant_id AND e.id = r.entity_id`;
