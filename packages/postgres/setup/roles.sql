-- Roles of the application, without passwords. Only a superuser may run this; running it again changes nothing.
-- Roles belong to all databases of a server, so two set-ups may meet here: a role that is there is right.
DO $$
DECLARE
  role record;
BEGIN
  FOR role IN
    SELECT * FROM (VALUES
      -- Owns the tables and runs the migrations.
      ('switchboard_migrate', 'LOGIN NOBYPASSRLS'),
      -- One for each service, with just the grants that migrations give it.
      ('switchboard_ingest', 'LOGIN NOBYPASSRLS'),
      ('switchboard_enrich', 'LOGIN NOBYPASSRLS'),
      ('switchboard_sink', 'LOGIN NOBYPASSRLS'),
      ('switchboard_api', 'LOGIN NOBYPASSRLS'),
      -- Owns the few functions that look past row-level security.
      ('switchboard_definer', 'NOLOGIN BYPASSRLS')
    ) AS roles (name, attributes)
  LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I %s', role.name, role.attributes);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END LOOP;
END $$;

GRANT switchboard_definer TO switchboard_migrate;
