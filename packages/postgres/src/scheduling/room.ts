import { joinSpans, overlap, type Span } from '@switchboard/domain/scheduling/spans';
import type { Queryable } from '../pool.ts';

/**
 * When the locations that have a number of rooms are full, of visits between two instants (Unix ms).
 * @param except an appointment that is about to move, or to take its time again
 */
export async function loadFullTimes(
  client: Queryable,
  tenantId: string,
  locationIds: readonly string[],
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

/** Whether a location is full in a time; one that nobody told has room. */
export async function hasNoRoom(
  client: Queryable,
  tenantId: string,
  locationId: string | null,
  time: Span,
  now: number,
  except: string | undefined,
): Promise<boolean> {
  if (locationId === null) return false;
  const full = await loadFullTimes(client, tenantId, [locationId], time, now, except);
  return full.get(locationId)?.some((one) => overlap(one, time)) ?? false;
}

/** Where so many visits overlap. */
function fullTimes(visits: readonly Span[], rooms: number): Span[] {
  const edges = [...new Set(visits.flatMap(({ from, to }) => [from, to]))].sort(
    (left, right) => left - right,
  );
  return joinSpans(
    edges.slice(1).flatMap((to, index) => {
      const span = { from: edges[index] ?? to, to };
      return visits.filter((visit) => overlap(visit, span)).length >= rooms ? [span] : [];
    }),
  );
}

const roomsSql = `
SELECT l.id, l.rooms, coalesce((
  SELECT jsonb_agg(jsonb_build_object('from', extract(epoch FROM a.starts_at) * 1000, 'to', extract(epoch FROM a.ends_at) * 1000))
  FROM appointments a
  WHERE a.tenant_id = $1 AND a.location_id = l.id AND a.starts_at > $3::timestamptz - interval '1 day' AND a.starts_at < $4
    AND a.ends_at > $3 AND a.status IN ('held', 'scheduled', 'confirmed', 'checked_in') AND NOT a.entered_in_error
    AND (a.status <> 'held' OR a.hold_expires_at > $5) AND a.id IS DISTINCT FROM $6::uuid), '[]') AS visits
FROM locations l WHERE l.tenant_id = $1 AND l.id = ANY ($2::uuid[]) AND l.rooms IS NOT NULL`;
