-- Up Migration
-- What the audit log says is sealed, clinic by clinic, in blocks that each hold the hash of the one before: what is changed,
-- removed or put in afterwards, by a superuser too, no longer fits. `npm run audit -- verify` tells.
SET LOCAL lock_timeout = '3s';

CREATE TABLE audit_unsealed (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  id bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE audit_unsealed IS 'Rows of audit_log that have no seal yet, noted in their transaction: whenever that commits, they are sealed once.';
CALL secure_tenant_table('audit_unsealed');

CREATE TABLE audit_seals (
  tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
  number bigint NOT NULL CHECK (number > 0),
  first_id bigint NOT NULL,
  last_id bigint NOT NULL,
  rows int NOT NULL CHECK (rows > 0),
  row_ids bigint[] NOT NULL,
  previous_hash bytea NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  sealed_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, number)
);
COMMENT ON TABLE audit_seals IS 'Blocks of sealed rows of audit_log, numbered without gaps. Append-only.';
COMMENT ON COLUMN audit_seals.row_ids IS 'The rows of the block, ascending: a transaction that commits late puts its rows between those of earlier blocks.';
COMMENT ON COLUMN audit_seals.previous_hash IS 'Of the block before; empty in the first.';
CALL secure_tenant_table('audit_seals');

CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_seals FROM switchboard_migrate;

-- Who writes to the audit log must not be able to leave out or take back the note: hence no grant, and the definer's right.
CREATE FUNCTION note_unsealed() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO audit_unsealed (tenant_id, id) SELECT a.tenant_id, a.id FROM added a;
  RETURN NULL;
END $$;
CREATE TRIGGER audit_log_unsealed AFTER INSERT ON audit_log
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_unsealed();

-- Seals what has no seal yet, at most p_rows of each clinic; spans clinics. One session at a time: who comes second finds
-- nothing to do, and the number is a key besides. The bytes that are hashed are written down in docs/operations.md, and made
-- anew by the check in other code.
CREATE FUNCTION seal_audit(p_rows int) RETURNS TABLE (tenant_id uuid, number bigint, row_count int)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_tenant uuid;
  v_ids bigint[];
  v_last audit_seals;
  v_at timestamptz := clock_timestamp();
BEGIN
  IF NOT pg_try_advisory_xact_lock(7304, 0) THEN RETURN; END IF;
  FOR v_tenant IN SELECT DISTINCT u.tenant_id FROM audit_unsealed u LOOP
    WITH wanted AS (
      SELECT u.id FROM audit_unsealed u WHERE u.tenant_id = v_tenant ORDER BY u.id LIMIT p_rows
    ), taken AS (
      DELETE FROM audit_unsealed u USING wanted w WHERE u.tenant_id = v_tenant AND u.id = w.id RETURNING u.id
    )
    SELECT array_agg(t.id ORDER BY t.id) INTO v_ids FROM taken t;
    CONTINUE WHEN v_ids IS NULL;
    v_last := NULL;
    SELECT * INTO v_last FROM audit_seals s WHERE s.tenant_id = v_tenant ORDER BY s.number DESC LIMIT 1;
    number := coalesce(v_last.number, 0) + 1;
    INSERT INTO audit_seals (tenant_id, number, first_id, last_id, rows, row_ids, previous_hash, sealed_at, hash)
    SELECT v_tenant, seal_audit.number, v_ids[1], v_ids[cardinality(v_ids)], cardinality(v_ids), v_ids, coalesce(v_last.hash, ''), v_at,
      sha256(convert_to(concat_ws(E'\n', encode(coalesce(v_last.hash, ''), 'hex'), v_tenant, seal_audit.number,
        (extract(epoch FROM v_at) * 1000000)::bigint, array_to_string(v_ids, ','),
        string_agg(jsonb_build_array(a.id, (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_kind, a.actor_id, a.action,
          a.entity_kind, a.entity_id, a.request_id, a.details)::text, E'\n' ORDER BY a.id)), 'UTF8'))
    FROM audit_log a WHERE a.tenant_id = v_tenant AND a.id = ANY (v_ids);
    tenant_id := v_tenant;
    row_count := cardinality(v_ids);
    RETURN NEXT;
  END LOOP;
END $$;

-- Every clinic with its newest block, to be written down outside of the database; null: nothing is sealed yet.
CREATE FUNCTION audit_heads() RETURNS TABLE (tenant_id uuid, slug text, number bigint, hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.slug, s.number, encode(s.hash, 'hex') FROM tenants t
  LEFT JOIN LATERAL (SELECT * FROM audit_seals s WHERE s.tenant_id = t.id ORDER BY s.number DESC LIMIT 1) AS s ON true
$$;

DO $$
DECLARE f regprocedure;
BEGIN
  FOREACH f IN ARRAY ARRAY['note_unsealed()'::regprocedure, 'seal_audit(int)', 'audit_heads()'] LOOP
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    EXECUTE format('ALTER FUNCTION %s OWNER TO switchboard_definer', f);
  END LOOP;
END $$;

GRANT SELECT ON audit_log TO switchboard_definer;
GRANT SELECT, INSERT, DELETE ON audit_unsealed TO switchboard_definer;
GRANT SELECT, INSERT ON audit_seals TO switchboard_definer;
GRANT EXECUTE ON FUNCTION seal_audit(int), audit_heads() TO switchboard_sink;
-- The check reads each clinic's rows under its own row security.
GRANT SELECT ON audit_log, audit_seals, audit_unsealed TO switchboard_sink;
