import { setTimeout as sleep } from 'node:timers/promises';
import type { Harm } from './harm.ts';

/** A server of somebody else's. */
export interface OutsideServer {
  /** From now on each answer comes so many ms late; 0: not any more. */
  slow(ms: number): void;
}

/** Longer than Twilio, a medium or a receiver of webhooks is waited for. */
const lateMs = 20_000;

/** All whom the system asks or tells something are slow: messages, media and webhooks wait, and nothing else may. */
export function slowOutside(outside: ReadonlySet<OutsideServer>, forMs: number): Harm {
  const all = (ms: number) => {
    for (const server of outside) server.slow(ms);
  };
  return {
    name: `all outside answer ${lateMs / 1_000} s late for ${forMs / 1_000} s`,
    holdsNothingUp: true,
    async inflict() {
      all(lateMs);
      await sleep(forMs).finally(() => all(0));
    },
  };
}
