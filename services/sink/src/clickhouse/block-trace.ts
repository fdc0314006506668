import type { Tracing } from '@switchboard/platform';
import { type OutboxTrace, outboxTraces } from '@switchboard/postgres/blocks/blocks';
import type { BlockTrace } from './dependencies.ts';

/** A span `block` for each event of a block, from before the move until ClickHouse has it. */
export function createBlockTrace(tracing: Tracing): BlockTrace {
  let events: OutboxTrace[] = [];
  let startedAt = 0;
  return {
    async moving(connection, shard) {
      startedAt = Date.now();
      events = await outboxTraces(connection, shard);
    },
    done(block) {
      for (const { eventId, tenantId, traceparent } of events)
        tracing.record({
          name: 'block',
          traceparent,
          startedAt,
          endedAt: Date.now(),
          attributes: { block, 'event.id': eventId, 'tenant.id': tenantId },
        });
    },
  };
}
