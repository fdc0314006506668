import { createRequire } from 'node:module';
import { offsetLost } from './offset-lost.ts';

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
interface Broker {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}
interface ConsumerGroup {
  fetch(nodeId: string): Promise<unknown>;
  joinAndSync(): Promise<void>;
  getNodeIds(): string[];
}

const shortestWaitMs = 10;

let mended = false;

/** Done once for all clients of this process. */
export function mendKafkajs(): void {
  if (mended) return;
  mended = true;
  const require = createRequire(import.meta.url);
  refuseOffsetReset(require('kafkajs/src/consumer/offsetManager'));
  stopIdleTimer(require('kafkajs/src/network/requestQueue'));
  disconnectHalfConnected(require('kafkajs/src/broker'));
  outlastBroker(require('kafkajs/src/consumer/consumerGroup'));
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

/**
 * A broker that accepts a connection and then hangs leaves kafkajs with one that counts as connected but knows no
 * version of the protocol: every request on it fails at once, also when the broker goes on.
 */
function disconnectHalfConnected({ prototype }: { prototype: Broker }): void {
  const { connect } = prototype;
  prototype.connect = async function connectWhole() {
    try {
      await connect.call(this);
    } catch (error) {
      await this.disconnect();
      throw error;
    }
  };
}

/**
 * kafkajs gives a consumer up when connecting failed a few times, or when it knows no broker because the only one went
 * away. A consumer made anew then waits for a whole session until the group forgets its former self. So these faults
 * are told as what they are, passing ones, and the brokers last known stay known.
 */
function outlastBroker({ prototype }: { prototype: ConsumerGroup }): void {
  const { fetch, joinAndSync, getNodeIds } = prototype;
  const lastKnown = new WeakMap<ConsumerGroup, string[]>();
  prototype.fetch = async function fetchOutlasting(nodeId) {
    return fetch.call(this, nodeId).catch(rethrowPassing);
  };
  prototype.joinAndSync = async function joinOutlasting() {
    return joinAndSync.call(this).catch(rethrowPassing);
  };
  prototype.getNodeIds = function knownNodeIds() {
    const known = getNodeIds.call(this);
    if (known.length > 0) lastKnown.set(this, known);
    return lastKnown.get(this) ?? known;
  };
}

function rethrowPassing(error: Error): never {
  const cause = error.name === 'KafkaJSNumberOfRetriesExceeded' ? error.cause : undefined;
  throw cause instanceof Error ? cause : error;
}
