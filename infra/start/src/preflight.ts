import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkDisk,
  checkMachine,
  type FetchOptions,
  fetchArtifact,
  kafkaJars,
  type MachineFacts,
  machineFacts,
  registryArchive,
  requireJava,
} from '@switchboard/embedded';
import type { EngineName } from './chosen.ts';

export interface PreflightOptions extends FetchOptions {
  /** The data directory, there or not. */
  dir: string;
  /** Which engines will be started embedded. */
  engines: readonly EngineName[];
  /** This machine's unless told. */
  facts?: MachineFacts;
}

/** Where the engines' programs are that are not installed by npm. */
export interface Programs {
  kafka?: string;
  schemaRegistry?: string;
}

const MIB = 1024 * 1024;
/** What a first start of each engine writes, and as much again for the work. */
const FIRST_BYTES: Readonly<Record<EngineName, number>> = {
  kafka: 64 * MIB,
  'schema-registry': 8 * MIB,
  postgres: 256 * MIB,
  clickhouse: 128 * MIB,
};
/** What a later start needs at least. */
const LATER_BYTES = 64 * MIB;

/**
 * Finds out, before anything is made or started, whether the engines can run here, and fetches what is not there.
 *
 * @throws StartError that says what to do.
 */
export async function preflight(options: PreflightOptions): Promise<Programs> {
  const { dir, engines, facts = machineFacts() } = options;
  checkMachine(facts, { clickhouse: engines.includes('clickhouse'), postgres: engines.includes('postgres') });
  const [kafka, registry] = [engines.includes('kafka'), engines.includes('schema-registry')];
  if (kafka || registry) await requireJava();
  const needed = engines
    .map((name) => (existsSync(join(dir, name)) ? LATER_BYTES : FIRST_BYTES[name]))
    .reduce((sum, bytes) => sum + bytes, 0);
  await checkDisk(dir, needed, facts);
  // One after the other: two Mavens would write the same repository.
  return {
    kafka: kafka ? await fetchArtifact(kafkaJars(), options) : undefined,
    schemaRegistry: registry ? await fetchArtifact(registryArchive(), options) : undefined,
  };
}
