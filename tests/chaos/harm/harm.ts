import type { EngineName, ProcessName } from '@switchboard/start';

/** Who is harmed. */
export type Target = ProcessName;

/** What is done to a running system, and undone again. */
export interface Harm {
  /** e.g. `kafka killed` */
  name: string;
  /** The engine whose recovery is measured when this is over; none: the services'. */
  engine?: EngineName;
  /** While it lasts, calls go all the way as ever: it is tried until it is over. */
  holdsNothingUp?: boolean;
  /** Does it and undoes it. Resolves when what was harmed is there again: the engine answers, the process runs. */
  inflict(): Promise<void>;
}

/** Names of what can go wrong, as `--scenario` takes them. */
export const scenarioNames = [
  'kill',
  'term',
  'freeze',
  'engine-restart',
  'engine-freeze',
  'cut',
  'delay',
  'half-open',
  'members',
  'slow-outside',
  'disk-full',
  'clocks',
] as const;

export type ScenarioName = (typeof scenarioNames)[number];

/** Whether something must stand between services and engines for these. */
export function needsNetwork(scenarios: readonly ScenarioName[]): boolean {
  return scenarios.some((name) => name === 'cut' || name === 'delay' || name === 'half-open');
}

export function isScenario(name: string): name is ScenarioName {
  return scenarioNames.some((known) => known === name);
}
