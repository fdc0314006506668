-- A clinic and an API key of it, in a database that prepare-stores made ready; as a superuser:
--   psql -v id=UUID -v slug=my-clinic -v name='My Clinic' -v zone=Asia/Kolkata -v country=IN -v key=sb_…_… < first-clinic.sql
-- The key is made with: echo "sb_$(openssl rand -hex 6)_$(openssl rand -hex 32)". Only its hash is stored.
INSERT INTO tenants (id, slug, name, time_zone, country) VALUES (:'id', :'slug', :'name', :'zone', :'country');
INSERT INTO api_keys (tenant_id, id, key_id, secret_hash, name, scopes) VALUES (:'id', gen_random_uuid(), split_part(:'key', '_', 2), sha256(split_part(:'key', '_', 3)::bytea), 'First key', '{analytics:read,calls:read}');
