import { SwitchboardError } from '@switchboard/platform';
import type { Queryable } from '../pool.ts';

export interface BookingRequestRow {
  id: string;
  kind: string;
  state: string;
  channel: string;
  reason: string | null;
  wanted: Record<string, unknown>;
  patient_id: string | null;
  patient_first_name: string | null;
  patient_last_name: string | null;
  call_id: string | null;
  conversation_id: string | null;
  appointment_id: string | null;
  taken_by: string | null;
  taken_at: Date | null;
  closed_by: string | null;
  closed_at: Date | null;
  expires_at: Date;
  created_at: Date;
  place: string;
}

/** `expired`: it is open, nobody took it, and its time is over. */
export const requestStates = ['open', 'fulfilled', 'dismissed', 'expired'] as const;

export interface RequestList {
  state: (typeof requestStates)[number];
  limit: number;
  after?: { at: string; id: string } | undefined;
}

/** Requests in a state, oldest first. The patient is the request's, or that of its call by now. */
export async function listRequests(
  client: Queryable,
  tenantId: string,
  { state, limit, after }: RequestList,
): Promise<BookingRequestRow[]> {
  const open = state === 'open' || state === 'expired';
  const { rows } = await client.query<BookingRequestRow>(
    `${selectSql} WHERE r.tenant_id = $1 AND r.state = $2 AND ($6::boolean IS NULL OR ${isOver} = $6)
       AND ($3::timestamptz IS NULL OR (r.created_at, r.id) > ($3::timestamptz, $4::uuid))
     ORDER BY r.created_at, r.id LIMIT $5`,
    [
      tenantId,
      open ? 'open' : state,
      after?.at ?? null,
      after?.id ?? null,
      limit,
      open ? state === 'expired' : null,
    ],
  );
  return rows;
}

export async function readRequest(
  client: Queryable,
  tenantId: string,
  id: string,
): Promise<BookingRequestRow | undefined> {
  const { rows } = await client.query<BookingRequestRow>(
    `${selectSql} WHERE r.tenant_id = $1 AND r.id = $2`,
    [tenantId, id],
  );
  return rows[0];
}

export type RequestStep =
  /** Somebody looks after it. */
  | { kind: 'take' }
  /** A held time, or an appointment, is offered; it stays open. */
  | { kind: 'propose'; appointmentId: string }
  | { kind: 'fulfil'; appointmentId: string | null }
  | { kind: 'decline' };

/**
 * Takes an open request, offers something for it, or closes it. One that is expired is open again for who takes it.
 * @throws SwitchboardError `request_closed`: it is open no more; `request_taken`: somebody else looks after it
 */
export async function stepRequest(
  client: Queryable,
  tenantId: string,
  id: string,
  step: RequestStep,
  userId: string,
): Promise<void> {
  const { rows } = await client.query<{ state: string; taken_by: string | null }>(
    'SELECT state, taken_by FROM booking_requests WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
    [tenantId, id],
  );
  const [row] = rows;
  if (!row) throw new SwitchboardError('request_unknown', 'there is no request with this id');
  if (row.state !== 'open') throw new SwitchboardError('request_closed', 'the request is closed');
  if (step.kind === 'take' && row.taken_by !== null && row.taken_by !== userId)
    throw new SwitchboardError('request_taken', 'somebody else looks after the request');
  const state = { take: 'open', propose: 'open', fulfil: 'fulfilled', decline: 'dismissed' }[step.kind];
  await client.query(
    `UPDATE booking_requests SET state = $3, taken_by = coalesce(taken_by, $4), taken_at = coalesce(taken_at, now()),
       appointment_id = coalesce($5, appointment_id), closed_by = CASE $3 WHEN 'open' THEN NULL ELSE $4::uuid END,
       closed_at = CASE $3 WHEN 'open' THEN NULL ELSE now() END
     WHERE tenant_id = $1 AND id = $2`,
    [tenantId, id, state, userId, 'appointmentId' in step ? step.appointmentId : null],
  );
}

const isOver = '(r.taken_by IS NULL AND r.expires_at <= now())';

const selectSql = `
SELECT r.id, r.kind, CASE WHEN r.state = 'open' AND ${isOver} THEN 'expired' ELSE r.state END AS state, r.channel, r.reason, r.wanted, coalesce(r.patient_id, c.patient_id) AS patient_id,
  p.first_name AS patient_first_name, p.last_name AS patient_last_name, r.call_id, r.conversation_id, r.appointment_id,
  r.taken_by, r.taken_at, r.closed_by, r.closed_at, r.expires_at, r.created_at, r.created_at::text AS place
FROM booking_requests r
LEFT JOIN voice_calls c ON c.tenant_id = r.tenant_id AND c.id = r.call_id
LEFT JOIN patients p ON p.tenant_id = r.tenant_id AND p.id = coalesce(r.patient_id, c.patient_id)`;
