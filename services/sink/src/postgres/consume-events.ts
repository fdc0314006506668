import { type DeadLetterReason, isDeadLetterReason } from '@switchboard/domain/dead-letter-reasons';
import { isUuid } from '@switchboard/domain/ids';
import type { Refusal } from '@switchboard/domain/records/check-event';
import type { Codec, HandleBatch, IncomingMessage } from '@switchboard/kafka';
import {
  describeError,
  eventInLog,
  gather,
  type Logger,
  type Metrics,
  noTracing,
  type OnStep,
  recordEvents,
  SwitchboardError,
  type Tracing,
} from '@switchboard/platform';
import { isRefusedRow, isSqlState, isTransient, type Pool } from '@switchboard/postgres';
import { guardBatches } from '@switchboard/postgres/pipeline/guard-batches';
import type { LoneAttempts } from '@switchboard/postgres/pipeline/lone-attempts';
import { mostAttempts } from '@switchboard/postgres/pipeline/suspects';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import { refused } from './batch-faults.ts';
import type { TakenEvent } from './changed-call.ts';
import { createWriteTogether, type WriteEvents } from './write-together.ts';

/** A message that is set aside, and why. */
export interface SetAside {
  message: IncomingMessage;
  topic: string;
  reason: DeadLetterReason;
  /** Codes and names, never values. */
  detail: string | null;
  attempts: number;
  /** When it failed, Unix ms; now unless told. */
  lastAt?: number;
}

/** Counts events by what became of them; one for all topics. */
export type EventOutcomes = ReturnType<typeof createEventOutcomes>;

export function createEventOutcomes(metrics: Metrics) {
  return metrics.counter('switchboard_sink_events_total', 'Events by what became of them.', [
    'topic',
    'outcome',
  ]);
}

export interface EventHandlerOptions<E> {
  pool: Pool;
  codec: Codec;
  tenantOf: (event: E) => string;
  /** What is wrong with an event by itself: it is set aside unwritten. */
  check?: (event: E) => Refusal | null;
  write: WriteEvents<E>;
  /** Most events of one tenant in one transaction; 100 by default: the tenant's lock is held for tens of milliseconds. */
  eventsPerTransaction?: number;
  /** While more come than that; as many by default. */
  eventsUnderLoad?: number | undefined;
  /** Shared by all that the process handles. */
  attempts: LoneAttempts;
  /** Resolves when the broker has the dead letter. */
  setAside: (letter: SetAside) => Promise<void>;
  logger: Logger;
  outcomes: EventOutcomes;
  onStep?: OnStep<'begun'> | undefined;
  tracing?: Tracing;
}

interface Delivery<E> extends TakenEvent<E> {
  message: IncomingMessage;
  topic: string;
  attempts: number;
}

/**
 * Handles a batch of events: every event ends in its tenant's rows or as a dead letter, and only then does the
 * offset pass it. What kills the process is found and set aside (`guardBatches`). An engine that is away is no fault of any
 * event: the whole batch comes again. Nor is what Postgres says of our own SQL or rights: the process ends, and nothing is
 * committed or set aside.
 */
export function createEventHandler<E>(options: EventHandlerOptions<E>): HandleBatch {
  const { pool, outcomes, eventsPerTransaction = 100, tracing = noTracing } = options;
  const write = createWriteTogether(options.write, eventsPerTransaction, options.eventsUnderLoad);
  const tenantsOf = gather(async (wanted: readonly string[][]) => {
    const found = await loadTenantSettings(pool, [...new Set(wanted.flat())]);
    return wanted.map(() => found);
  });

  const handle = guardBatches({
    pool,
    attempts: options.attempts,
    onStep: options.onStep,
    work: (batch, messages: readonly IncomingMessage[], { attempts }) =>
      handleTogether(batch.topic, messages, attempts),
    putKillerAside: ({ topic }, message, lastAt) =>
      putAside({
        message,
        topic,
        reason: 'process_killed',
        detail: null,
        attempts: mostAttempts,
        lastAt,
      }),
  });

  return async function handleEvents(batch, context) {
    const startedAt = Date.now();
    await handle(batch, context);
    recordEvents(
      tracing,
      { name: 'sink', topic: batch.topic, startedAt, endedAt: Date.now() },
      batch.messages,
    );
  };

  async function handleTogether(
    topic: string,
    messages: readonly IncomingMessage[],
    attempts: number,
  ): Promise<void> {
    const decoded = await Promise.all(messages.map((message) => decode(topic, message, attempts)));
    const byTenant = Map.groupBy(
      decoded.filter((delivery) => delivery !== null),
      ({ event }) => options.tenantOf(event),
    );
    const tenants = await tenantsOf([...byTenant.keys()].filter(isUuid));
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

  async function decode(
    topic: string,
    message: IncomingMessage,
    attempts: number,
  ): Promise<Delivery<E> | null> {
    try {
      const event = await options.codec.decode<E>(topic, message.value);
      const refusal = options.check?.(event);
      if (refusal) {
        await putAside({ message, topic, ...refusal, attempts });
        return null;
      }
      return { event, traceparent: message.headers.traceparent ?? null, message, topic, attempts };
    } catch (error) {
      if (error instanceof SwitchboardError && error.retryable) throw error;
      const { code } = describeError(error);
      const reason = code !== undefined && isDeadLetterReason(code) ? code : 'unexpected_error';
      await putAside({ message, topic, reason, detail: code ?? null, attempts });
      return null;
    }
  }

  async function writeOrBisect(tenant: TenantSettings, deliveries: readonly Delivery<E>[]): Promise<void> {
    const topic = deliveries[0]?.topic ?? '';
    try {
      const written = await write(tenant, deliveries);
      outcomes.inc({ topic, outcome: 'written' }, written.length);
      outcomes.inc({ topic, outcome: 'repeat' }, deliveries.length - written.length);
    } catch (error) {
      if (isTransient(error)) throw error;
      if (isSqlState(error) && !isRefusedRow(error)) throw refused(error);
      const [only] = deliveries;
      if (only && deliveries.length === 1) {
        const { code, constraint, name } = describeError(error);
        const named = code !== undefined && isDeadLetterReason(code) ? code : 'unexpected_error';
        const reason = isSqlState(error) ? 'row_refused' : named;
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
    outcomes.inc({ topic: letter.topic, outcome: 'dead_letter' });
    options.logger.warn(
      {
        reason: letter.reason,
        detail: letter.detail,
        offset: letter.message.offset,
        ...eventInLog(letter.message.headers),
      },
      'event set aside',
    );
  }
}
