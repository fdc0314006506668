import type { Queryable } from '../pool.ts';

/** Somebody whom a caller can see. */
export interface DirectoryPractitioner {
  id: string;
  name: string;
  specialty: string | null;
  department: string | null;
}

export interface Directory {
  practitioners: DirectoryPractitioner[];
  locations: { id: string; name: string }[];
}

/** Whether a practitioner is one of the clinic's, and has not left. */
export async function isPractitioner(client: Queryable, tenantId: string, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    'SELECT FROM practitioners WHERE tenant_id = $1 AND id = $2 AND active',
    [tenantId, id],
  );
  return rowCount === 1;
}

/** Who can be booked at a clinic, and where. */
export async function loadDirectory(client: Queryable, tenantId: string): Promise<Directory> {
  const practitioners = await client.query<DirectoryPractitioner>(
    `SELECT p.id, p.display_name AS name, p.specialty, d.name AS department FROM practitioners p
     LEFT JOIN departments d ON d.tenant_id = p.tenant_id AND d.id = p.department_id
     WHERE p.tenant_id = $1 AND p.active AND NOT p.placeholder ORDER BY p.display_name, p.id`,
    [tenantId],
  );
  const locations = await client.query<{ id: string; name: string }>(
    'SELECT id, name FROM locations WHERE tenant_id = $1 AND active AND NOT placeholder ORDER BY name, id',
    [tenantId],
  );
  return { practitioners: practitioners.rows, locations: locations.rows };
}
