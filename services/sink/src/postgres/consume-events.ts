import { type DeadLetterReason, isDeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { isUuid } from '@switchboard/domain/ids';
import type { Codec, HandleBatch, IncomingBatch, IncomingMessage } from '@switchboard/kafka';
import { describeError, type Logger, type Metrics, SwitchboardError } from '@switchboard/platform';
import { isTransient, type Pool } from '@switchboard/postgres';
import {
  countAttempt,
  forgetAttempts,
  forgiveAttempt,
  loadInFlight,
  markInFlight,
  type OffsetRange,
} from '@switchboard/postgres/pipeline/in-flight';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import type { SinkEvent } from './changed-call.ts';

/** A message that is set aside, and why. */
export interface SetAside {
  message: IncomingMessage;
  topic: string;
  reason: DeadLetterReason;
  /** Codes and names, never values. */
  detail: string | null;
  attempts: number;
}

export interface EventHandlerOptions {
  pool: Pool;
  codec: Codec;
  /** Writes one tenant's events in one transaction; @returns how many were new. */
  write: (tenant: TenantSettings, events: readonly SinkEvent[]) => Promise<number>;
  /** Resolves when the broker has the dead letter. */
  setAside: (letter: SetAside) => Promise<void>;
  logger: Logger;
  metrics: Metrics;
}

interface Delivery extends SinkEvent {
  message: IncomingMessage;
  topic: string;
  attempts: number;
}

/** Most events of one tenant in one transaction: the tenant's lock is held for tens of milliseconds at most. */
const eventsPerTransaction = 100;
/** An event that was begun so often and never finished is what kills the process. */
const mostAttempts = 5;

/**
 * Handles a batch of enriched events: every event ends in its tenant's rows or as a dead letter, and only then does the
 * offset pass it. Whoever finds that the batch was begun before and not finished goes event by event, storing each
 * attempt first. An engine that is away is no fault of any event: the whole batch comes again.
 */
export function createEventHandler(options: EventHandlerOptions): HandleBatch {
  const { pool, metrics } = options;
  const outcomes = metrics.counter('switchboard_sink_events_total', 'Events by what became of them.', [
    'outcome',
  ]);
  const marks = new Map<string, OffsetRange>();

  return async function handleEvents(batch) {
    const range = { first: Number(batch.firstOffset), last: Number(batch.lastOffset) };
    const place = `${batch.topic}/${batch.partition}`;
    await orRetry(async () => {
      const found = await loadInFlight(pool, batch.topic, batch.partition);
      const ours = marks.get(place);
      const suspect = found && found.last >= range.first && found.last !== ours?.last ? found.last : -1;
      const careful = batch.messages.filter((message) => Number(message.offset) <= suspect);
      for (const message of careful) await handleAlone(batch, message);
      if (careful.length > 0) await forgetAttempts(pool, batch.topic, batch.partition, suspect);
      const rest = batch.messages.slice(careful.length);
      if (rest.length === 0) return;
      await markInFlight(pool, batch.topic, batch.partition, range);
      marks.set(place, range);
      await handleTogether(batch, rest, 1);
    });
  };

  async function handleAlone(batch: IncomingBatch, message: IncomingMessage): Promise<void> {
    const offset = Number(message.offset);
    const attempts = await countAttempt(pool, batch.topic, batch.partition, offset);
    if (attempts > mostAttempts) {
      await putAside({
        message,
        topic: batch.topic,
        reason: 'process_killed',
        detail: null,
        attempts: attempts - 1,
      });
      return;
    }
    try {
      await handleTogether(batch, [message], attempts);
      await forgetAttempts(pool, batch.topic, batch.partition, offset);
    } catch (error) {
      await forgiveAttempt(pool, batch.topic, batch.partition, offset).catch(() => {});
      throw error;
    }
  }

  async function handleTogether(
    batch: IncomingBatch,
    messages: readonly IncomingMessage[],
    attempts: number,
  ): Promise<void> {
    const decoded = await Promise.all(messages.map((message) => decode(batch.topic, message, attempts)));
    const byTenant = Map.groupBy(
      decoded.filter((delivery) => delivery !== null),
      ({ event }) => event.event.tenant_id,
    );
    const tenants = await loadTenantSettings(pool, [...byTenant.keys()].filter(isUuid));
    const groups = [...byTenant].map(async ([tenantId, deliveries]) => {
      const tenant = tenants.get(tenantId);
      for (let at = 0; at < deliveries.length; at += eventsPerTransaction) {
        const chunk = deliveries.slice(at, at + eventsPerTransaction);
        if (tenant) await writeOrBisect(tenant, chunk);
        else
          for (const delivery of chunk)
            await putAside({ ...delivery, reason: 'unknown_tenant', detail: null });
      }
    });
    const settled = await Promise.allSettled(groups);
    const failed = settled.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async function decode(topic: string, message: IncomingMessage, attempts: number): Promise<Delivery | null> {
    try {
      const event = await options.codec.decode<VoiceCallEnriched>(topic, message.value);
      return { event, traceparent: message.headers.traceparent ?? null, message, topic, attempts };
    } catch (error) {
      if (error instanceof SwitchboardError && error.retryable) throw error;
      const { code } = describeError(error);
      const reason = code !== undefined && isDeadLetterReason(code) ? code : 'unexpected_error';
      await putAside({ message, topic, reason, detail: code ?? null, attempts });
      return null;
    }
  }

  async function writeOrBisect(tenant: TenantSettings, deliveries: readonly Delivery[]): Promise<void> {
    try {
      const written = await options.write(tenant, deliveries);
      outcomes.inc({ outcome: 'written' }, written);
      outcomes.inc({ outcome: 'repeat' }, deliveries.length - written);
    } catch (error) {
      if (isTransient(error)) throw error;
      const [only] = deliveries;
      if (only && deliveries.length === 1) {
        const { code, constraint, name } = describeError(error);
        const reason = isSqlState(code) ? 'row_refused' : 'unexpected_error';
        await putAside({ ...only, reason, detail: [code ?? name, constraint].filter(Boolean).join(' ') });
        return;
      }
      const middle = Math.ceil(deliveries.length / 2);
      await writeOrBisect(tenant, deliveries.slice(0, middle));
      await writeOrBisect(tenant, deliveries.slice(middle));
    }
  }

  async function putAside(letter: SetAside): Promise<void> {
    await options.setAside(letter);
    outcomes.inc({ outcome: 'dead_letter' });
    options.logger.warn(
      { reason: letter.reason, detail: letter.detail, offset: letter.message.offset },
      'event set aside',
    );
  }
}

/** Says of an error of Postgres that the batch may come again; without that word the consumer would end the process. */
async function orRetry(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof SwitchboardError || !isTransient(error)) throw error;
    throw new SwitchboardError('postgres_unavailable', 'Postgres could not serve the batch', {
      retryable: true,
      cause: error,
    });
  }
}

/** Five characters, as every error of Postgres has; Node's own codes are longer. */
function isSqlState(code: string | undefined): boolean {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code);
}
