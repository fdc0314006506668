/** One value under its labels. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Values of one name, or of none that matters any more. */
export type Vector = Omit<Sample, 'name'>[];

/** The same for the same labels, in whatever order. */
export function keyOf(labels: Sample['labels']): string {
  return JSON.stringify(Object.entries(labels).sort());
}

const target = { job: 'switchboard', instance: 'scraped' };

/**
 * Asks a process for its metrics as Prometheus does, with `up` beside what it answers: 0 where it answers nothing in time.
 * @returns the text exposition format
 */
export async function scrape(url: string, timeoutMs = 10_000): Promise<string> {
  try {
    const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(timeoutMs) });
    if (answer.ok) return `up 1\n${await answer.text()}`;
  } catch {
    // Whatever it is, Prometheus says the same of it.
  }
  return 'up 0\n';
}

/** What a scrape tells, under the labels that Prometheus gives it: our `job` is `exported_job` there. */
export function samplesOf(text: string): Sample[] {
  const found: Sample[] = [];
  for (const [, name = '', braces = '', value] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    const own = Array.from(braces.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, label = '', given = '']) => [
      label in target ? `exported_${label}` : label,
      given,
    ]);
    found.push({ name, labels: { ...Object.fromEntries(own), ...target }, value: numberOf(value) });
  }
  return found;
}

function numberOf(text: string | undefined): number {
  return Number(text === '+Inf' ? 'Infinity' : text);
}
