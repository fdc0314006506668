-- Up Migration
-- What was written to the audit log stays as it is: no role of the application has the right to change it, the owner neither
-- (who could give it back to himself, hence the trigger, which a superuser alone can go round unseen).
SET LOCAL lock_timeout = '3s';

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
REVOKE UPDATE, DELETE, TRUNCATE ON audit_log FROM switchboard_migrate, switchboard_sink, switchboard_api;
