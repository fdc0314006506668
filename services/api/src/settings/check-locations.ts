import { RequestProblem } from '@switchboard/platform/problem';
import type { Client } from '@switchboard/postgres';
import { listLocations } from '@switchboard/postgres/api/clinic-places';

/** @throws RequestProblem 422, naming each that is no location of the clinic */
export async function checkLocations(
  client: Client,
  tenantId: string,
  named: readonly { location: string; id: string | null }[],
): Promise<void> {
  const known = new Set((await listLocations(client, tenantId)).map(({ id }) => id));
  const unknown = named.filter(({ id }) => id !== null && !known.has(id));
  if (unknown.length === 0) return;
  throw new RequestProblem(422, 'invalid_request', 'The request has values that cannot be used.', {
    errors: unknown.map(({ location }) => ({
      location,
      message: 'is no location of the clinic',
      fix: 'an `id` of `GET /api/v1/settings/locations`',
    })),
  });
}
