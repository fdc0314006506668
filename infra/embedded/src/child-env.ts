/** What an engine's process gets of this one's environment: where programs, homes and temporary files are. */
export function childEnv(extra: Record<string, string> = {}): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'JAVA_HOME'];
  const inherited = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(inherited), ...extra };
}
