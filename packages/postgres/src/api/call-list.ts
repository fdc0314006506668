import type { Queryable } from '../pool.ts';

export const callSortKeys = [
  'started_at',
  'duration_seconds',
  'status',
  'intent',
  'outcome',
  'sentiment',
] as const;
export type CallSortKey = (typeof callSortKeys)[number];

export interface CallListFilter {
  /** Words said in the call, or the contact's or the patient's name, the number or the vendor's id of the call. */
  q?: string;
  status?: readonly string[];
  direction?: readonly string[];
  intent?: readonly string[];
  outcome?: readonly string[];
  sentiment?: readonly string[];
  patientId?: string;
  /** Named in the call, as the extraction found. */
  practitionerId?: string;
  from?: Date;
  /** The first instant that no longer counts. */
  to?: Date;
  minDurationSeconds?: number;
  hasRecording?: boolean;
}

export interface CallListOptions {
  filter: CallListFilter;
  sort: CallSortKey;
  descending: boolean;
  limit: number;
  offset: number;
  /** How many calls in which the words were said are looked at, newest first. */
  searchLimit?: number;
}

export interface CallPage {
  rows: CallListRow[];
  total: number;
  /** Set when the words were said in more calls: older ones than these are left out. */
  searchedNewest?: number;
}

const defaultSearchLimit = 10_000;

export interface CallListRow {
  id: string;
  external_id: string;
  direction: string;
  status: string | null;
  contact_phone: string | null;
  contact_name: string | null;
  began_at: Date;
  answered_at: Date | null;
  ended_at: Date | null;
  duration_seconds: number | null;
  end_reason: string | null;
  language: string | null;
  agent_id: string | null;
  agent_name: string | null;
  intent: string | null;
  outcome: string | null;
  sentiment: string | null;
  summary: string | null;
  cost_minor: number | null;
  cost_currency: string | null;
  patient_id: string | null;
  patient_first_name: string | null;
  patient_last_name: string | null;
  conversation_id: string | null;
  has_recording: boolean;
}

/** A page of the open transaction's tenant's calls, and how many there are in all. */
export async function listCalls(
  db: Queryable,
  tenantId: string,
  options: CallListOptions,
): Promise<CallPage> {
  const { searchLimit = defaultSearchLimit } = options;
  const said = options.filter.q === undefined ? [] : await search(db, options.filter.q, searchLimit + 1);
  const cut = said.length > searchLimit ? { searchedNewest: searchLimit } : {};
  const values: unknown[] = [tenantId];
  const add = (value: unknown) => `$${values.push(value)}`;
  const where = conditions(options.filter, said.slice(0, searchLimit), add).join(' AND ');
  const page = await db.query<CallListRow>(
    `SELECT ${columns} FROM voice_calls c
     LEFT JOIN patients p ON p.tenant_id = c.tenant_id AND p.id = c.patient_id
     LEFT JOIN voice_call_recordings r ON r.tenant_id = c.tenant_id AND r.call_id = c.id
     WHERE ${where}
     ORDER BY ${orderOf(options)}
     LIMIT ${add(options.limit)} OFFSET ${add(options.offset)}`,
    values,
  );
  // The page itself tells the total where it is the last one.
  if (page.rows.length < options.limit && (page.rows.length > 0 || options.offset === 0))
    return { rows: page.rows, total: options.offset + page.rows.length, ...cut };
  const counted = await db.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM voice_calls c
     LEFT JOIN voice_call_recordings r ON r.tenant_id = c.tenant_id AND r.call_id = c.id
     WHERE ${where}`,
    values.slice(0, -2),
  );
  return { rows: page.rows, total: counted.rows[0]?.total ?? 0, ...cut };
}

const hasRecording = `(r.call_id IS NOT NULL AND r.state IN ('pending', 'stored'))`;

const columns = `c.id, c.external_id, c.direction, c.status, c.contact_phone, c.contact_name, c.began_at, c.answered_at,
  c.ended_at, c.duration_seconds, c.end_reason, c.language, c.agent_id, c.agent_name, c.intent, c.outcome, c.sentiment,
  c.summary, c.cost_minor, c.cost_currency, c.patient_id, p.first_name AS patient_first_name,
  p.last_name AS patient_last_name, c.conversation_id, ${hasRecording} AS has_recording`;

/** In the order of an index, read from either end, where there is one: NULLS LAST would keep it from being used. */
function orderOf({ sort, descending }: CallListOptions): string {
  if (sort === 'started_at') return descending ? 'c.began_at DESC, c.id' : 'c.began_at, c.id DESC';
  return `c.${sort} ${descending ? 'DESC' : 'ASC'} NULLS LAST, c.began_at DESC, c.id`;
}

async function search(db: Queryable, words: string, most: number): Promise<string[]> {
  const { rows } = await db.query<{ call_id: string }>('SELECT call_id FROM search_calls($1, $2)', [
    words,
    most,
  ]);
  return rows.map((row) => row.call_id);
}

function conditions(
  filter: CallListFilter,
  said: readonly string[],
  add: (value: unknown) => string,
): string[] {
  const where = ['c.tenant_id = $1'];
  for (const name of ['status', 'direction', 'intent', 'outcome', 'sentiment'] as const) {
    const wanted = filter[name];
    if (wanted && wanted.length > 0) where.push(`c.${name} = ANY (${add(wanted)}::text[])`);
  }
  if (filter.patientId) where.push(`c.patient_id = ${add(filter.patientId)}::uuid`);
  if (filter.from) where.push(`c.began_at >= ${add(filter.from)}`);
  if (filter.to) where.push(`c.began_at < ${add(filter.to)}`);
  if (filter.minDurationSeconds !== undefined)
    where.push(`c.duration_seconds >= ${add(filter.minDurationSeconds)}`);
  if (filter.hasRecording !== undefined)
    where.push(filter.hasRecording ? hasRecording : `NOT coalesce(${hasRecording}, false)`);
  if (filter.practitionerId) where.push(namesPractitioner(add(filter.practitionerId)));
  if (filter.q) where.push(matches(filter.q, said, add));
  return where;
}

function namesPractitioner(id: string): string {
  return `EXISTS (SELECT FROM voice_call_extractions x
    JOIN practitioners d ON d.tenant_id = x.tenant_id AND d.id = ${id}::uuid
    WHERE x.tenant_id = c.tenant_id AND x.call_id = c.id
      AND x.entities @> jsonb_build_array(jsonb_build_object('name', 'practitioner', 'normalised', d.display_name)))`;
}

function matches(q: string, said: readonly string[], add: (value: unknown) => string): string {
  const pattern = `%${q.replace(/[\\%_]/g, '\\$&')}%`;
  const digits = q.replace(/\D/g, '');
  const text = add(pattern);
  return `(${[
    `c.id = ANY (${add(said)}::uuid[])`,
    `c.contact_name ILIKE ${text}`,
    `c.patient_id IN (SELECT n.id FROM patients n
       WHERE n.tenant_id = $1 AND concat_ws(' ', n.first_name, n.last_name) ILIKE ${text})`,
    `c.summary ILIKE ${text}`,
    `c.external_id = ${add(q)}`,
    ...(digits.length >= 4 && /^[\d\s()+.-]+$/.test(q) ? [`c.contact_phone LIKE ${add(`%${digits}%`)}`] : []),
  ].join(' OR ')})`;
}
