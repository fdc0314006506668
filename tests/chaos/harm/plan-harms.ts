import { createRandom } from '@switchboard/testkit/simulate/random';
import type { Harm, ScenarioName } from './harm.ts';
import type { Network } from './network.ts';
import {
  changeMembers,
  endServices,
  freezeEngines,
  freezeServices,
  type Harmed,
  killServices,
  restartEngines,
} from './process-harms.ts';
import { type OutsideServer, slowOutside } from './slow-outside.ts';
import type { SmallDisk } from './small-disk.ts';

export interface HarmOptions {
  running: Harmed;
  network: Pick<Network, 'cuts' | 'delays' | 'halfOpens'> | undefined;
  disk: Pick<SmallDisk, 'fill'> | undefined;
  outside: ReadonlySet<OutsideServer>;
  scenarios: readonly ScenarioName[];
  /** How long what is frozen or half open stays so, ms. */
  harmMs: number;
  /** Of what matters less, only this one of so many parts, counted from 0; all parts together are all of it. All unless given. */
  part?: { index: number; of: number } | undefined;
  /** These alone, by their names; all unless given. */
  only?: readonly string[] | undefined;
}

const delayMs = 200;
/** A disk that is full for longer ends the supervisor's patience too: it gives an engine up that can't start. */
const diskMs = 12_000;
/** Who is slow for longer fails twice with the same webhook, which waits five minutes then. */
const slowMs = 20_000;
/** What no run may do without: these come before all others, so that a slow machine gets to them, too. */
const firstScenarios: ReadonlySet<ScenarioName> = new Set([
  'kill',
  'engine-restart',
  'engine-freeze',
  'disk-full',
]);

/**
 * Everything that is to go wrong: first what matters most, then the rest, each in an order by seed, so that each seed meets the
 * system in other states.
 * @throws Error where connections are to break and no network was given, or a harm is named that is not there
 */
export function planHarms(seed: number, options: HarmOptions): Harm[] {
  const { running, disk, harmMs, scenarios, part = { index: 0, of: 1 }, only } = options;
  const network = () => {
    if (options.network) return options.network;
    throw new Error('connections can break only where there is a network between services and engines');
  };
  const of: Readonly<Record<ScenarioName, () => Harm[]>> = {
    kill: () => killServices(running),
    term: () => endServices(running),
    freeze: () => freezeServices(running, harmMs),
    'engine-restart': () => restartEngines(running),
    'engine-freeze': () => freezeEngines(running, Math.min(harmMs, 20_000)),
    cut: () => network().cuts(),
    delay: () => network().delays(delayMs, Math.min(harmMs, 10_000)),
    'half-open': () => network().halfOpens(Math.min(harmMs, 15_000)),
    members: () => changeMembers(running),
    'slow-outside': () => [slowOutside(options.outside, Math.min(harmMs, slowMs))],
    'disk-full': () => (disk ? [disk.fill(diskMs)] : []),
    // Not at a time: they differ all along.
    clocks: () => [],
  };
  const random = createRandom(seed);
  const harmsOf = (names: readonly ScenarioName[]) => names.flatMap((name) => of[name]());
  const first = harmsOf(scenarios.filter((name) => firstScenarios.has(name)));
  const rest = harmsOf(scenarios.filter((name) => !firstScenarios.has(name)));
  const ofPart = rest.filter((_, place) => place % part.of === part.index);
  const plan = [...random.shuffle(first), ...random.shuffle(ofPart)];
  const unknown = only?.filter((name) => !plan.some((harm) => harm.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`no such harm: ${unknown.join(', ')}`);
  return only ? plan.filter(({ name }) => only.includes(name)) : plan;
}
