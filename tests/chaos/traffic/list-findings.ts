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

/**
 * Reports what is missing of `wanted` in rows by their key, what is there more than once, and what says otherwise: of more
 * than one word that is wanted, each is right.
 */
export function compareRows(
  what: string,
  wanted: ReadonlyMap<string, string | readonly string[]>,
  rows: readonly { key: string; says: string }[],
): string[] {
  const findings = createFindings();
  const found = Map.groupBy(rows, ({ key }) => key);
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
    keys.flatMap((key) => {
      const [row, ...others] = found.get(key) ?? [];
      const words = [wanted.get(key) ?? []].flat();
      if (!row || others.length > 0 || words.includes(row.says)) return [];
      return [`${key}: ${row.says} instead of ${[...new Set(words)].join(' or ')}`];
    }),
  );
  return findings.lines;
}

/** Of those that were to go out with one file, whichever went with none or with more. */
export function withoutFile(
  texts: ReadonlySet<string>,
  out: readonly { body: string; mediaUrls: readonly string[] }[],
): string[] {
  return out
    .filter(({ body, mediaUrls }) => texts.has(body) && mediaUrls.length !== 1)
    .map(({ body }) => body);
}
