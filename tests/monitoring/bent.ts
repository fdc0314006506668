import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a process is to suffer. */
export interface Bend {
  /** Its clock goes ahead by so much, as though so long had passed. */
  clockMs?: number;
  /** Memory that it takes and keeps. */
  bytes?: number;
  /** How long its main thread does nothing else. */
  blockMs?: number;
}

/** A way to make a service, a process of its own, suffer what else takes minutes. */
export interface Bender {
  /** Settings to start it with. */
  env: Record<string, string>;
  bend(pid: number, bend: Bend): Promise<void>;
  remove(): Promise<void>;
}

export async function makeBender(): Promise<Bender> {
  const dir = await mkdtemp(join(tmpdir(), 'switchboard-bend-'));
  const file = join(dir, 'bend.json');
  const env = {
    NODE_OPTIONS: `--import=${new URL('./bend.ts', import.meta.url)}`,
    SWITCHBOARD_BEND: file,
  };
  return {
    env,
    async bend(pid, bend) {
      await writeFile(file, JSON.stringify(bend));
      process.kill(pid, 'SIGUSR2');
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
