import { joinSpans, overlap, type Span } from '@switchboard/domain/scheduling/spans';
import type { Queryable } from '../pool.ts';
import { onlyPlace } from './load-diaries.ts';

/**
 * When the locations that have a number of rooms are full, of visits between two instants (Unix ms).
 * @param locationIds null: the clinic's only place
 * @param except an appointment that is about to move, or to take its time again
 */
export async function loadFullTimes(
  client: Queryable,
  tenantId: string,
  locationIds: readonly (string | null)[],
  span: Span,
  now: number,
  except: string | null = null,
): Promise<Map<string, Span[]>> {
  const { rows } = await client.query<{ id: string; rooms: number; visits: Span[] }>(roomsSql, [
    tenantId,
    locationIds,
    new Date(span.from),
    new Date(span.to),
    new Date(now),
    except,
  ]);
  return new Map(rows.map(({ id, rooms, visits }) => [id, fullTimes(visits, rooms)]));
}

/** Whether a location is full in a time; one that nobody told is the clinic's only place, and has room in a clinic of several. */
export async function hasNoRoom(
  client: Queryable,
  tenantId: string,
  locationId: string | null,
  time: Span,
  now: number,
  except: string | undefined,
): Promise<boolean> {
  const full = await loadFullTimes(client, tenantId, [locationId], time, now, except);
  return [...full.values()].flat().some((one) => overlap(one, time));
}

/** Whether a visit is at a place: one of which nobody told where is at the clinic's only one. */
export function isAt(visit: string, place: string): string {
  return `(${visit}.location_id = ${place} OR ${visit}.location_id IS NULL AND ${place} = ${onlyPlace})`;
}

/** When so many visits are there at one time, or more. */
export function fullTimes(visits: readonly Span[], rooms: number): Span[] {
  const edges = visits
    .flatMap(({ from, to }) => [
      { at: from, more: 1 },
      { at: to, more: -1 },
    ])
    .sort((left, right) => left.at - right.at);
  let there = 0;
  return joinSpans(
    edges.flatMap(({ at, more }, index) => {
      there += more;
      const to = edges[index + 1]?.at ?? at;
      return there >= rooms && at < to ? [{ from: at, to }] : [];
    }),
  );
}

const roomsSql = `
SELECT l.id, l.rooms, coalesce((
  SELECT jsonb_agg(jsonb_build_object('from', extract(epoch FROM a.starts_at) * 1000, 'to', extract(epoch FROM a.ends_at) * 1000))
  FROM appointments a
  WHERE a.tenant_id = $1 AND ${isAt('a', 'l.id')} AND a.starts_at > $3::timestamptz - interval '1 day' AND a.starts_at < $4
    AND a.ends_at > $3 AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT a.entered_in_error
    AND (a.status <> 'held' OR a.hold_expires_at > $5) AND a.id IS DISTINCT FROM $6::uuid), '[]') AS visits
FROM locations l WHERE l.tenant_id = $1 AND l.id = ANY (array_replace($2::uuid[], NULL, ${onlyPlace})) AND l.rooms IS NOT NULL`;
