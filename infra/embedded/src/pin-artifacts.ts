/**
 * Writes the lists of pinned files anew, after a version in `artifacts.ts` was changed:
 *
 *     npx node infra/embedded/src/pin-artifacts.ts
 *
 * What it pins is what Maven downloads now into an empty repository; compare it with what the project has published.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Artifact, kafkaJars, registryArchive } from './artifacts.ts';
import { copyArchive, copyJars } from './maven.ts';
import { type PinnedFile, pinFiles } from './pinned-files.ts';

for (const artifact of [kafkaJars(), registryArchive()]) {
  const pins = await pin(artifact);
  const lines = pins.map(({ sha256, bytes, path }) => `${sha256}  ${bytes}  ${path}\n`);
  await writeFile(artifact.list, lines.join(''));
  console.log(`${artifact.list}: ${pins.length} files`);
}

async function pin({ kind, coordinates }: Artifact): Promise<PinnedFile[]> {
  const work = await mkdtemp(join(tmpdir(), 'switchboard-pin-'));
  const [dir, repository] = [join(work, 'files'), join(work, 'repository')];
  await mkdir(dir);
  try {
    if (kind === 'jars') await copyJars(coordinates, dir, { repository });
    else await copyArchive(coordinates[0], dir, { repository });
    if (existsSync(join(dir, 'pom.xml'))) await rm(join(dir, 'pom.xml'));
    const downloaded = await pinFiles(dir);
    if (kind === 'jars') return downloaded;
    for (const { path } of downloaded) {
      execFileSync('tar', ['-xzf', join(dir, path), '-C', dir]);
      await rm(join(dir, path));
    }
    return [...downloaded, ...(await pinFiles(dir))];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
