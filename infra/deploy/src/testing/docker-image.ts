import { existsSync, statSync } from 'node:fs';
import { cp, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import ignore, { type Ignore } from '@balena/dockerignore';
import { type Copy, DockerfileParser } from 'dockerfile-ast';
import { z } from 'zod';
import { projectRoot, readProjectFile } from '../project-root.ts';

/** What the Dockerfile says of the image that is run. */
export interface ImageDescription {
  /** Of each stage, in order. */
  bases: string[];
  user: string;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
  environment: Record<string, string>;
  /** Commands of the stage that installs what npm has. */
  installs: string[];
}

/** Reads the Dockerfile; its last stage is the image. */
export function describeImage(text = readProjectFile('Dockerfile')): ImageDescription {
  const file = DockerfileParser.parse(text);
  const last = (name: string) =>
    file
      .getInstructions()
      .findLast((one) => one.getInstruction() === name)
      ?.getArgumentsContent() ?? '';
  const environment = file.getENVs().flatMap((env) => env.getProperties());
  return {
    bases: file.getFROMs().map((from) => from.getImage() ?? ''),
    user: last('USER'),
    entrypoint: words(last('ENTRYPOINT')),
    command: words(last('CMD')),
    healthcheck: words(last('HEALTHCHECK')),
    environment: Object.fromEntries(environment.map((one) => [one.getName(), one.getValue() ?? ''])),
    installs: file
      .getInstructions()
      .filter((one) => one.getInstruction() === 'RUN')
      .map((one) => one.getArgumentsContent() ?? '')
      .filter((command) => command.startsWith('npm ')),
  };
}

/**
 * Copies into a directory what the Dockerfile copies into the image's working directory, as .dockerignore allows.
 * Modules of npm are not among it: `linkModules` or the Dockerfile's own install puts them there.
 */
export async function copyImageFiles(dir: string): Promise<void> {
  const filter = ignore.default().add(readProjectFile('.dockerignore'));
  const file = DockerfileParser.parse(readProjectFile('Dockerfile'));
  for (const copy of file.getCOPYs()) {
    if (isFromStage(copy)) continue;
    const [target = '.', ...sources] = copy
      .getArguments()
      .map((one) => one.getValue())
      .toReversed();
    for (const source of sources) await copySource(source, dir, target, filter);
  }
}

/** Gives a directory the modules of this checkout, and its own workspaces in the place of the checkout's. */
export async function linkModules(dir: string): Promise<void> {
  const modules = join(projectRoot, 'node_modules');
  await mkdir(join(dir, 'node_modules', '@switchboard'), { recursive: true });
  for (const name of await readdir(modules)) {
    if (name !== '@switchboard' && !name.startsWith('.')) {
      await symlink(join(modules, name), join(dir, 'node_modules', name));
    }
  }
  for (const parent of ['', 'packages', 'services', 'infra']) {
    const folder = join(dir, parent);
    for (const name of existsSync(folder) ? await readdir(folder) : []) {
      if (existsSync(join(folder, name, 'package.json'))) {
        await symlink(join(folder, name), join(dir, 'node_modules', '@switchboard', name));
      }
    }
  }
}

async function copySource(source: string, dir: string, target: string, filter: Ignore): Promise<void> {
  const from = join(projectRoot, source);
  if (!existsSync(from)) throw new Error(`${source}: the Dockerfile copies it, and it is not there`);
  // A file goes into a folder, a folder's content takes its place.
  const to = statSync(from).isFile() ? join(dir, target, basename(from)) : join(dir, target);
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, {
    recursive: true,
    filter: (path) => {
      const name = relative(projectRoot, path);
      return name === '' || !filter.ignores(name);
    },
  });
}

function isFromStage(copy: Copy): boolean {
  return copy.getFromFlag() !== null;
}

/** The words of an instruction in its JSON form, which needs no shell. */
function words(argument: string): string[] {
  const from = argument.indexOf('[');
  return from < 0 ? [] : z.array(z.string()).parse(JSON.parse(argument.slice(from)));
}
