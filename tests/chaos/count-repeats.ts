/**
 * How many events a process of the Postgres sink was given that had been written before: each was delivered again.
 * @param url of the process
 */
export async function countRepeats(url: string): Promise<number> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).matchAll(
    /^switchboard_sink_events_total\{[^}]*outcome="repeat"[^}]*\} (\S+)$/gm,
  );
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
