import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Coordinates } from './maven.ts';
import { type PinnedFile, readPins } from './pinned-files.ts';

/** What is fetched from Maven, file by file as it must be. */
export interface Artifact {
  /** Of its directory in the cache, and of its list of pins. */
  name: string;
  title: string;
  kind: 'jars' | 'archive';
  coordinates: [Coordinates, ...Coordinates[]];
  /** The file with its pins. */
  list: string;
}

export interface Pins {
  /** What Maven downloads. */
  downloads: PinnedFile[];
  /** What is used. */
  files: PinnedFile[];
}

export const KAFKA_VERSION = '4.3.1';
export const REGISTRY_VERSION = '3.0.9';

/** Kafka's broker and its command line tools. */
export function kafkaJars(): Artifact {
  return artifact(`kafka-${KAFKA_VERSION}`, `Kafka ${KAFKA_VERSION}`, 'jars', [
    { groupId: 'org.apache.kafka', artifactId: 'kafka_2.13', version: KAFKA_VERSION },
    { groupId: 'org.apache.logging.log4j', artifactId: 'log4j-slf4j-impl', version: '2.25.4' },
  ]);
}

/** Apicurio Registry. */
export function registryArchive(): Artifact {
  return artifact(`apicurio-registry-${REGISTRY_VERSION}`, `Schema registry ${REGISTRY_VERSION}`, 'archive', [
    { groupId: 'io.apicurio', artifactId: 'apicurio-registry-app', version: REGISTRY_VERSION },
  ]);
}

/** An artifact's files as they must be. */
export function pinsOf({ kind, list }: Pick<Artifact, 'kind' | 'list'>): Pins {
  const pins = readPins(list);
  const isArchive = ({ path }: PinnedFile) => path.endsWith('.tar.gz');
  const files = pins.filter((pin) => !isArchive(pin));
  return { files, downloads: kind === 'jars' ? files : pins.filter(isArchive) };
}

/** Changes when any of an artifact's files does. */
export function fingerprint({ list }: Pick<Artifact, 'list'>): string {
  return hash('sha256', readFileSync(list)).slice(0, 8);
}

function artifact(
  name: string,
  title: string,
  kind: Artifact['kind'],
  coordinates: Artifact['coordinates'],
): Artifact {
  const list = fileURLToPath(new URL(`../artifacts/${name}.sha256`, import.meta.url));
  return { name, title, kind, coordinates, list };
}
