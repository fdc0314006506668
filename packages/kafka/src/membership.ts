import kafkajs from 'kafkajs';
import { isMembershipFault, isRebalanceCall } from './kafka-errors.ts';

/** Keeps a member in its group while it works on a batch, and says when the batch must end. */
export interface Membership {
  /** Aborted when the group wants to rebalance: finish what is in hand, take nothing more. Also when lost. */
  readonly ending: AbortSignal;
  /** Aborted when the partition is, or after a session without an answer may be, someone else's. */
  readonly stale: AbortSignal;
  /** Aborted when it surely is: what is finished now cannot be committed. */
  readonly lost: AbortSignal;
  /** What kafkajs must be given so that it joins again. */
  readonly fault: Error | undefined;
  lose(fault: Error): void;
  release(): void;
}

export interface MembershipOptions {
  heartbeat(): Promise<void>;
  everyMs: number;
  sessionTimeoutMs: number;
}

/** Beats on a timer: kafkajs does so only between batches, and a batch may wait long for its engine. */
export function holdMembership({ heartbeat, everyMs, sessionTimeoutMs }: MembershipOptions): Membership {
  const ending = new AbortController();
  const stale = new AbortController();
  const lost = new AbortController();
  let fault: Error | undefined;
  let answeredAt = Date.now();

  function lose(error: Error): void {
    fault = error;
    lost.abort();
    stale.abort();
    ending.abort();
  }

  async function beat(): Promise<void> {
    try {
      await heartbeat();
      answeredAt = Date.now();
    } catch (error) {
      if (!(error instanceof Error) || lost.signal.aborted) return;
      if (isRebalanceCall(error)) {
        // The broker keeps the session alive, and takes commits, until the others have waited long enough.
        answeredAt = Date.now();
        fault ??= error;
        ending.abort();
      } else if (isMembershipFault(error)) {
        lose(error);
      } else if (Date.now() - answeredAt > sessionTimeoutMs) {
        // A broker that restarts knows its members still; only it can tell, when a commit is tried.
        fault ??= rejoinFault();
        stale.abort();
        ending.abort();
      }
    }
  }

  const timer = setInterval(beat, everyMs);
  return {
    ending: ending.signal,
    stale: stale.signal,
    lost: lost.signal,
    get fault() {
      return fault;
    },
    lose,
    release: () => clearInterval(timer),
  };
}

/** Makes kafkajs look for the group's coordinator and join again: the one it knows has not answered for a session. */
function rejoinFault(): Error {
  const fault = new kafkajs.KafkaJSError('no heartbeat was answered for a whole session');
  return Object.assign(fault, { type: 'REBALANCE_IN_PROGRESS' });
}
