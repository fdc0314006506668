/** First instant at which the clinic's clocks show this wall time or a later one. */
const instant = (wall: string) => `(SELECT CASE
  WHEN (i.at - interval '3 hours') AT TIME ZONE $2 = w.wall - interval '3 hours'
    AND (i.at + interval '3 hours') AT TIME ZONE $2 = w.wall + interval '3 hours' THEN i.at
  ELSE (SELECT min(m) FROM generate_series(i.at - interval '3 hours', i.at + interval '3 hours', interval '1 minute') m
    WHERE m AT TIME ZONE $2 >= w.wall) END
  FROM (SELECT ${wall} AS wall) w, LATERAL (SELECT w.wall AT TIME ZONE $2 AS at) i)`;

const since = (table: string, column: string) => `(SELECT min(${column}) FROM ${table} WHERE tenant_id = $1)`;

/**
 * The CTE `opening`: one row with the clinic's business hours as instants, each span's beginning, end and the time that
 * was open before it, from its first record on; and whether it is always open.
 */
export const openingSql = `
clinic AS (
  SELECT business_hours AS hours, first_response_target_minutes * 60000 AS target_ms FROM tenants WHERE id = $1
), days AS (
  SELECT d::date AS day FROM generate_series(
    (least(${since('conversations', 'created_at')}, ${since('conversation_messages', 'sent_at')}, ${since('voice_calls', 'began_at')},
      ${since('appointments', 'coalesce(booked_at, least(created_at, starts_at))')}) AT TIME ZONE $2)::date - 2,
    (now() AT TIME ZONE $2)::date + 800, interval '1 day') d
  -- A clinic that is always open needs none.
  WHERE (SELECT hours FROM clinic) <> '{}'
), said AS (
  SELECT day, (span ->> 0)::interval AS starts, (span ->> 1)::interval AS ends
  FROM days, clinic, jsonb_array_elements(CASE jsonb_typeof(hours -> extract(isodow FROM day)::text)
    WHEN 'array' THEN hours -> extract(isodow FROM day)::text ELSE '[]' END) span
  WHERE jsonb_typeof(span) = 'array' AND jsonb_array_length(span) = 2
    AND (span ->> 0) ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' AND (span ->> 1) ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'
), merged AS (
  SELECT unnest(range_agg(tstzrange(from_at, to_at))) AS span FROM (
    SELECT ${instant('day + starts')} AS from_at,
      ${instant(`CASE WHEN ends <= starts THEN day + 1 ELSE day END + ends`)} AS to_at FROM said) s
  WHERE from_at < to_at
), summed AS (
  SELECT lower(span) AS opens, upper(span) AS closes,
    sum(extract(epoch FROM upper(span) - lower(span)) * 1000) OVER (ORDER BY lower(span))
      - extract(epoch FROM upper(span) - lower(span)) * 1000 AS before
  FROM merged
), opening AS (
  SELECT (SELECT hours = '{}' FROM clinic) AS always, (SELECT target_ms FROM clinic) AS target_ms,
    coalesce(array_agg(opens ORDER BY opens), '{}') AS opens, coalesce(array_agg(closes ORDER BY opens), '{}') AS closes,
    coalesce(array_agg(before ORDER BY opens), '{}') AS before
  FROM summed
)`;

/** Milliseconds that the clinic was open until an instant; over the row `o` of `opening`. */
const openUntil = (at: string) => {
  const span = `width_bucket(${at}, o.opens)`;
  return `(CASE WHEN ${span} = 0 THEN 0 ELSE o.before[${span}] + extract(epoch FROM least(o.closes[${span}], ${at}) - o.opens[${span}]) * 1000 END)`;
};

/** Milliseconds of business hours between two instants; null when either is. */
export const businessMs = (from: string, to: string) =>
  `(CASE WHEN o.always THEN greatest(0, extract(epoch FROM ${to} - ${from}) * 1000)
    ELSE greatest(0, ${openUntil(to)} - ${openUntil(from)}) END + 0 * extract(epoch FROM ${to} - ${from}))`;

/** Whether the clinic is closed at an instant. */
export const closedAt = (at: string) => {
  const span = `width_bucket(${at}, o.opens)`;
  return `(NOT o.always AND (${span} = 0 OR ${at} >= o.closes[${span}]))`;
};
