import type { Switchboard } from '@switchboard/start';
import { createRandom } from '@switchboard/testkit/simulate/random';
import type { Harm, ScenarioName } from './harm.ts';
import type { Network } from './network.ts';
import {
  changeMembers,
  endServices,
  freezeEngines,
  freezeServices,
  killServices,
  restartEngines,
} from './process-harms.ts';
import type { SmallDisk } from './small-disk.ts';

export interface HarmOptions {
  running: Switchboard;
  network: Network | undefined;
  disk: SmallDisk | undefined;
  scenarios: readonly ScenarioName[];
  /** How long what is frozen or half open stays so, ms. */
  harmMs: number;
}

const delayMs = 200;
/** A disk that is full for longer ends the supervisor's patience too: it gives an engine up that can't start. */
const diskMs = 12_000;

/** Everything that is to go wrong, in an order by seed, so that each seed meets the system in other states. */
export function planHarms(seed: number, options: HarmOptions): Harm[] {
  const { running, network, disk, harmMs } = options;
  const of: Readonly<Record<ScenarioName, () => Harm[]>> = {
    kill: () => killServices(running),
    term: () => endServices(running),
    freeze: () => freezeServices(running, harmMs),
    'engine-restart': () => restartEngines(running),
    'engine-freeze': () => freezeEngines(running, Math.min(harmMs, 20_000)),
    cut: () => network?.cuts() ?? [],
    delay: () => network?.delays(delayMs, Math.min(harmMs, 10_000)) ?? [],
    'half-open': () => network?.halfOpens(Math.min(harmMs, 15_000)) ?? [],
    members: () => changeMembers(running),
    'disk-full': () => (disk ? [disk.fill(diskMs)] : []),
    // Not at a time: they differ all along.
    clocks: () => [],
  };
  return createRandom(seed).shuffle(options.scenarios.flatMap((name) => of[name]()));
}
