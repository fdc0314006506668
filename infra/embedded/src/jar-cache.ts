import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Artifact, type Pins, pinsOf } from './artifacts.ts';
import { childEnv } from './child-env.ts';
import { downloadProgress, megabytes, type Progress } from './download-progress.ts';
import { claim, isHolding, readHolder, removeLeftBehind, thisProcess } from './holder-file.ts';
import { copyArchive, copyJars, type MavenOptions, requireMaven } from './maven.ts';
import { findDamage } from './pinned-files.ts';
import { remove, removeMatching } from './remove.ts';
import { runGuarded } from './run-guarded.ts';
import { explainDisk, StartError } from './start-error.ts';

export interface FetchOptions {
  /** Shared by all clones of one user; `~/.cache/switchboard` unless told. */
  cacheDir?: string;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * The directory of an artifact in the cache, each file compared with its committed SHA-256. What is missing or damaged
 * is fetched by Maven; when all is there, neither Maven nor a network is needed.
 *
 * @throws StartError `maven_unusable`, `download_failed`, `download_damaged`, `disk_full`, `disk_read_only`; then the
 * cache is as it was.
 */
export async function fetchArtifact(artifact: Artifact, options: FetchOptions = {}): Promise<string> {
  const { cacheDir = join(homedir(), '.cache', 'switchboard'), progress = () => undefined, signal } = options;
  const target = join(cacheDir, artifact.name);
  const pins = pinsOf(artifact);
  if ((await findDamage(target, pins.files)) === undefined) return target;
  await requireMaven();
  try {
    await mkdir(cacheDir, { recursive: true });
    await alone(join(cacheDir, `.${artifact.name}.lock`), artifact.title, { progress, signal }, async () => {
      // Another start may have fetched it meanwhile.
      const damage = await findDamage(target, pins.files);
      if (damage === undefined) return;
      if (existsSync(target))
        progress(`${artifact.title}: the cache is damaged (${damage}); fetching it again`);
      await removeMatching(cacheDir, `.${artifact.name}-`);
      const work = await mkdtemp(join(cacheDir, `.${artifact.name}-`));
      try {
        const made = await fill(artifact, pins, work, { progress, signal });
        // The JVM's archive of classes belongs to the very jars it was made from.
        await removeMatching(cacheDir, `${artifact.name}-`, '.jsa');
        if (existsSync(target)) await rename(target, join(work, 'damaged'));
        await rename(made, target);
      } finally {
        await remove(work);
      }
    });
  } catch (error) {
    throw explainDisk(error, cacheDir);
  }
  return target;
}

/** Fetches all files and compares them; when Maven's own repository is damaged, once more into an empty one. */
async function fill(
  artifact: Artifact,
  pins: Pins,
  work: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal | undefined },
): Promise<string> {
  const made = join(work, 'made');
  const started = Date.now();
  let damage: string | undefined;
  for (const repository of [undefined, join(work, 'repository')]) {
    await rm(made, { recursive: true, force: true });
    await mkdir(made, { recursive: true });
    progress(`${artifact.title}: fetching by Maven, once (${megabytes(sizeOf(pins))} MB)`);
    const follow = downloadProgress(artifact.title, pins.downloads, progress);
    try {
      damage = await fetchInto(made, artifact, pins, { repository, signal, heard: follow.heard });
    } finally {
      follow.end();
    }
    if (damage === undefined) {
      progress(`${artifact.title}: fetched and verified in ${((Date.now() - started) / 1000).toFixed(1)} s`);
      return made;
    }
    progress(`${artifact.title}: what Maven gave is not what is pinned (${damage})`);
  }
  throw new StartError(
    'download_damaged',
    `${artifact.title}: what Maven downloads is not what is pinned in ${basename(artifact.list)}: ${damage}. Ask whoever runs the mirror or proxy of your network why; the files were not used.`,
  );
}

async function fetchInto(
  dir: string,
  artifact: Artifact,
  pins: Pins,
  options: MavenOptions,
): Promise<string | undefined> {
  if (artifact.kind === 'jars') {
    await copyJars(artifact.coordinates, dir, options);
    await rm(join(dir, 'pom.xml'));
    return findDamage(dir, pins.files);
  }
  await copyArchive(artifact.coordinates[0], dir, options);
  const damage = await findDamage(dir, pins.downloads);
  if (damage !== undefined) return damage;
  for (const { path } of pins.downloads) {
    await unpack(join(dir, path), dir, options.signal);
    await rm(join(dir, path));
  }
  return findDamage(dir, pins.files);
}

async function unpack(archive: string, dir: string, signal = new AbortController().signal): Promise<void> {
  const args = ['-xzf', archive, '-C', dir];
  const { code, complaints } = await runGuarded({ command: 'tar', args, env: childEnv(), signal });
  if (code !== 0) throw new Error(`tar could not unpack ${archive}: ${complaints.trim()}`);
}

/** Does the work while no other process does the same. */
async function alone(
  lock: string,
  what: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal | undefined },
  work: () => Promise<void>,
): Promise<void> {
  let told: number | undefined;
  while (!(await claim(lock, thisProcess()))) {
    signal?.throwIfAborted();
    const holder = await readHolder(lock);
    if (holder === undefined || !isHolding(holder)) {
      await removeLeftBehind(lock);
    } else {
      if (told !== holder.pid) progress(`${what}: process ${holder.pid} is fetching it; waiting`);
      told = holder.pid;
      await sleep(200, undefined, { signal });
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function sizeOf({ downloads }: Pins): number {
  return downloads.reduce((sum, { bytes }) => sum + bytes, 0);
}
