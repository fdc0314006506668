import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@switchboard/start';

const PRELOAD = fileURLToPath(new URL('./wrong-clock.ts', import.meta.url));

/** By how much each service's clock is off, s. Signatures hold for five minutes. */
const offsets: Readonly<Record<ServiceName, number>> = {
  ingest: -90,
  enrich: 120,
  'sink-postgres': -45,
  'sink-clickhouse': 60,
  api: 30,
  jobs: -75,
};

/** What makes the services' clocks differ, as settings of each. */
export function differingClocks(): Partial<Record<ServiceName, Record<string, string>>> {
  return Object.fromEntries(
    Object.entries(offsets).map(([name, seconds]) => [
      name,
      { NODE_OPTIONS: `--import=${PRELOAD}`, CHAOS_CLOCK_OFFSET_MS: String(seconds * 1_000) },
    ]),
  );
}
