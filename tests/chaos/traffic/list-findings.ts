const shown = 5;

/** Collects what is not as it must be: a line per kind, with some of those concerned. */
export function createFindings() {
  const lines: string[] = [];
  return {
    lines,
    list(what: string, ids: Iterable<string>) {
      const all = [...ids];
      if (all.length > 0) lines.push(`${what}: ${all.length} (${all.slice(0, shown).join(', ')})`);
    },
  };
}

/** Reports what is missing of `wanted` in rows by their key, what is there more than once, and what says otherwise. */
export function compareRows(
  what: string,
  wanted: ReadonlyMap<string, string>,
  rows: readonly { key: string; says: string }[],
): string[] {
  const findings = createFindings();
  const found = new Map<string, string[]>();
  for (const { key, says } of rows) found.set(key, [...(found.get(key) ?? []), says]);
  const keys = [...wanted.keys()];
  findings.list(
    `${what} that were taken and are not there`,
    keys.filter((key) => !found.has(key)),
  );
  findings.list(
    `${what} that are there twice`,
    keys.filter((key) => (found.get(key)?.length ?? 0) > 1),
  );
  findings.list(
    `${what} that say otherwise`,
    keys
      .filter((key) => found.get(key)?.length === 1 && found.get(key)?.[0] !== wanted.get(key))
      .map((key) => `${key}: ${found.get(key)?.[0]} instead of ${wanted.get(key)}`),
  );
  return findings.lines;
}
