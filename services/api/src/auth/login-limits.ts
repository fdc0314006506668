import { tooManyRequests } from '../plugins/authenticate.ts';
import { createFailureLimit } from './failure-limit.ts';
import { networkOf } from './network.ts';

export interface LoginLimits {
  /**
   * Waits for its turn. @returns what is to be called with whether the login failed
   * @throws RequestProblem 429 after too many failures
   */
  begin(address: string, email: string): Promise<(failed: boolean) => void>;
}

const windowMs = 15 * 60_000;
/** A whole clinic may stand behind one network. */
const perNetwork = 5;
/** Wide, so that who guesses from elsewhere does not lock the owner out soon; narrow enough to end guessing from many networks. */
const perAccount = 10;

/** Bounds failed logins by (mail address, network), and more widely by each of the two alone. */
export function createLoginLimits(limit: number, now: () => number): LoginLimits {
  const limits = [1, perNetwork, perAccount].map((factor) => ({
    max: limit * factor,
    failures: createFailureLimit({ max: limit * factor, windowMs, now }),
  }));
  return {
    async begin(address, email) {
      const network = networkOf(address);
      const keys = [`${network} ${email}`, network, email];
      const begun: { end(failed: boolean): void }[] = [];
      for (const [index, { max, failures }] of limits.entries()) {
        const attempt = await failures.begin(keys[index] ?? '');
        if ('refusedForMs' in attempt) {
          endAll(false);
          throw tooManyRequests(max, Math.ceil(attempt.refusedForMs / 1000));
        }
        begun.push(attempt);
      }
      return endAll;

      function endAll(failed: boolean): void {
        for (const { end } of begun) end(failed);
      }
    },
  };
}
