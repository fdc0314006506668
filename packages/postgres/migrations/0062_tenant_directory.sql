-- Up Migration
-- Who makes a clinic must know which there are, and has no clinic to set yet: forced row-level security blinds the owner
-- of the tables, too.
CREATE FUNCTION tenant_directory()
  RETURNS TABLE (tenant_id uuid, slug text, name text, status text, time_zone text, country text, created_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.slug, t.name, t.status, t.time_zone, t.country, t.created_at FROM tenants t
$$;
REVOKE ALL ON FUNCTION tenant_directory() FROM PUBLIC;
ALTER FUNCTION tenant_directory() OWNER TO switchboard_definer;
GRANT EXECUTE ON FUNCTION tenant_directory() TO switchboard_migrate;
