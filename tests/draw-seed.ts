import { randomInt } from 'node:crypto';
import type { TestProject } from 'vitest/node';

/** The long tests try something else each time, and say by which seed. */
export default function drawSeed({ config }: TestProject): void {
  const { FC_SEED } = process.env;
  if (FC_SEED && FC_SEED !== 'random') return;
  const drawn = String(randomInt(2 ** 31));
  config.env = { ...config.env, FC_SEED: drawn };
  console.log(`properties: FC_SEED=${drawn}`);
}
