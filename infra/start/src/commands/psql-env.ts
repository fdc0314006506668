/** A database's URL as psql's environment; over TLS as the URL says. */
export function psqlEnv(databaseUrl: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(databaseUrl);
  const [sslMode, authorities] = [searchParams.get('sslmode'), searchParams.get('sslrootcert')];
  return {
    PGHOST: hostname,
    PGPORT: port || '5432',
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    ...(sslMode && { PGSSLMODE: sslMode }),
    ...(authorities && { PGSSLROOTCERT: authorities }),
  };
}
