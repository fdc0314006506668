import { describe, expect, it } from 'vitest';
import { createWake } from './wake.ts';

describe('a wake-up call', () => {
  it('ends a wait, and is not lost when nobody waits yet', async () => {
    const wake = createWake();
    const waiting = wake.wait(60_000);
    wake.now();
    await waiting;
    wake.now();
    await wake.wait(60_000);
    expect(true).toBe(true);
  });

  it('is over after one wait', async () => {
    const wake = createWake();
    wake.now();
    await wake.wait(60_000);
    let woken = false;
    const waiting = wake.wait(50).then(() => {
      woken = true;
    });
    await Promise.resolve();
    expect(woken).toBe(false);
    await waiting;
    expect(woken).toBe(true);
  });
});
