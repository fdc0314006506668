import { createRequire } from 'node:module';
import { offsetLost } from './offsets.ts';

/** The parts of kafkajs 2.2.4 (pinned, unmaintained) that are put right here; it has no settings for them. */
interface OffsetManager {
  groupId: string;
  setDefaultOffset(at: { topic: string; partition: number }): Promise<void>;
}
interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  checkPendingRequests(): void;
  scheduleCheckPendingRequests(): void;
}

const shortestWaitMs = 10;

/** Done once for all clients of this process; repeating it changes nothing. */
export function mendKafkajs(): void {
  const require = createRequire(import.meta.url);
  refuseOffsetReset(require('kafkajs/src/consumer/offsetManager'));
  stopIdleTimer(require('kafkajs/src/network/requestQueue'));
}

/**
 * kafkajs answers "offset out of range" by committing the log's start or end as the group's offset, and says so only
 * in its own log (kafkajs #1119). Made to fail, the consumer crashes with `offset_lost` and no offset moves.
 */
function refuseOffsetReset({ prototype }: { prototype: OffsetManager }): void {
  prototype.setDefaultOffset = async function refuse({ topic, partition }) {
    throw Object.assign(offsetLost(this.groupId, topic, partition), { retriable: false });
  };
}

/** kafkajs sets a timer of negative length again and again: each idle connection wakes the process 1,000 times a second. */
function stopIdleTimer({ prototype }: { prototype: RequestQueue }): void {
  prototype.scheduleCheckPendingRequests = function schedule() {
    if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
    const waitMs = Math.max(this.throttledUntil - Date.now(), shortestWaitMs);
    this.throttleCheckTimeoutId = setTimeout(() => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    }, waitMs);
  };
}
