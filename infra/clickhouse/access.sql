-- Who may do what on a real ClickHouse server (26.3 or later). Run by prepare-stores as CLICKHOUSE_ADMIN_USER, or by an
-- administrator, before or after the database is made; every statement may be run again. The embedded engine has no
-- users of its own: there the launcher gives two, and refuses the reader everything but reading.
--
-- Nobody can log in as these users yet; prepare-stores lets each in with its password, or by hand:
--   ALTER USER switchboard IDENTIFIED BY '…' HOST ANY

-- The services' writer: it makes epochs and reads everything. Users of views with DEFINER run with its rights.
CREATE USER IF NOT EXISTS switchboard IDENTIFIED WITH no_password HOST NONE DEFAULT DATABASE switchboard;
GRANT ALL ON switchboard.* TO switchboard;
GRANT CREATE DATABASE ON switchboard.* TO switchboard;
GRANT SET DEFINER ON switchboard TO switchboard;
GRANT SELECT ON system.tables TO switchboard;
GRANT SELECT ON system.settings TO switchboard;
-- Where CLICKHOUSE_CLUSTER is set, it makes the database on all replicas, after a look at what there is.
GRANT CLUSTER ON *.* TO switchboard;
GRANT SELECT ON system.clusters TO switchboard;
GRANT SELECT ON system.databases TO switchboard;

-- The API sees the parameterized views alone, so that no query of it can forget its tenant.
CREATE USER IF NOT EXISTS switchboard_api IDENTIFIED WITH no_password HOST NONE DEFAULT DATABASE switchboard;
GRANT SELECT ON switchboard.api_* TO switchboard_api;

-- The data team reads the public views. They are INVOKER, so that it needs the tables too, and row policies bind it. Each
-- limit has a MIN, because 0 would lift it.
CREATE SETTINGS PROFILE IF NOT EXISTS switchboard_reader SETTINGS
    readonly = 2,
    max_execution_time = 120 MIN 1 MAX 600,
    max_memory_usage = 4000000000 MIN 1 MAX 8000000000,
    max_rows_to_read = 2000000000 MIN 1 MAX 2000000000,
    max_result_bytes = 1073741824 MIN 1 MAX 10737418240,
    timeout_overflow_mode = 'throw' READONLY,
    result_overflow_mode = 'throw' READONLY,
    max_concurrent_queries_for_user = 8 READONLY,
    allow_ddl = 0 READONLY,
    allow_introspection_functions = 0 READONLY;
CREATE USER IF NOT EXISTS analyst IDENTIFIED WITH no_password HOST NONE DEFAULT DATABASE switchboard
    SETTINGS PROFILE switchboard_reader;
GRANT SELECT ON switchboard.fact_* TO analyst;
GRANT SELECT ON switchboard.analytics_* TO analyst;

-- Sources outside ClickHouse are refused to whoever was not given them; said once more, should a role ever bring them.
REVOKE READ, WRITE ON FILE FROM switchboard_api, analyst;
REVOKE READ, WRITE ON URL FROM switchboard_api, analyst;
REVOKE READ, WRITE ON REMOTE FROM switchboard_api, analyst;
REVOKE READ, WRITE ON POSTGRES FROM switchboard_api, analyst;
REVOKE READ, WRITE ON MYSQL FROM switchboard_api, analyst;
REVOKE READ, WRITE ON S3 FROM switchboard_api, analyst;

-- Default deny. ClickHouse shows every row to a user whom no policy names, so the first one names everybody and shows
-- nothing; permissive policies are joined by OR, so that the ones below add what each user sees. It binds administrators
-- too, who look at rows as one of these users.
CREATE ROW POLICY IF NOT EXISTS nobody ON switchboard.* USING 0 TO ALL;
CREATE ROW POLICY IF NOT EXISTS services ON switchboard.* USING 1 TO switchboard;
-- The API's views ask for a tenant themselves, and run with the rights of their definer.
CREATE ROW POLICY IF NOT EXISTS api ON switchboard.* USING 1 TO switchboard_api;
-- An analyst of one clinic gets a policy
--   CREATE ROW POLICY clinic ON switchboard.* USING tenant_id = '…' TO analyst_of_that_clinic
-- in the place of this one, which shows all clinics to the data team; the pipeline's own probe (switchboard-canary) is none.
CREATE ROW POLICY IF NOT EXISTS all_clinics ON switchboard.* USING tenant_id != '19ef2a59-b12b-5a6b-a513-52481c2b0e81' TO analyst;
-- Who is bound by it stays as an administrator has set it; an older release's condition is made anew.
ALTER ROW POLICY all_clinics ON switchboard.* USING tenant_id != '19ef2a59-b12b-5a6b-a513-52481c2b0e81';

-- What readers may take of the server in an hour.
CREATE QUOTA IF NOT EXISTS switchboard_reader KEYED BY user_name
    FOR INTERVAL 1 HOUR MAX queries = 5000, read_rows = 50000000000, execution_time = 7200
    TO analyst;
