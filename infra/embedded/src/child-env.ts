/** This process's environment, for a child that is to have all of it. */
export function ownEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What an engine's process gets of this one's environment: where programs, homes and temporary files are. */
export function childEnv(extra: Record<string, string> = {}): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'JAVA_HOME'];
  return {
    ...Object.fromEntries(Object.entries(ownEnv()).filter(([name]) => names.includes(name))),
    ...extra,
  };
}
