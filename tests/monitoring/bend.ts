/**
 * Loaded by a service before its `main` (bent.ts): on SIGUSR2 it suffers what the file named by `SWITCHBOARD_BEND` tells.
 */
import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.SWITCHBOARD_BEND;
const held: Buffer[] = [];
const now = Date.now;
let ahead = 0;

if (isMainThread && file !== undefined) {
  Date.now = () => now() + ahead;
  process.on('SIGUSR2', () => {
    const told = JSON.parse(readFileSync(file, 'utf8'));
    ahead += told.clockMs ?? 0;
    if (told.bytes) held.push(Buffer.alloc(told.bytes, 1));
    for (const until = performance.now() + (told.blockMs ?? 0); performance.now() < until; );
  });
}
