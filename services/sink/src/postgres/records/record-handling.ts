import { checkRecordEvent } from '@switchboard/domain/records/check-event';
import type { RecordImported, RecordReceived } from '@switchboard/schemas';
import type { EventHandlerOptions } from '../consume-events.ts';
import type { WriteOptions } from '../write-events.ts';
import { writeRecords } from './write-records.ts';

/** What the handler of events needs to know of what the clinic's system pushes. */
export function recordHandling(
  options: WriteOptions,
): Pick<EventHandlerOptions<RecordReceived>, 'tenantOf' | 'check' | 'write'> {
  return {
    tenantOf: ({ tenant_id }) => tenant_id,
    check: checkRecordEvent,
    write: (tenant, events) => writeRecords(options, tenant, events),
  };
}

/** The same of what a file brings, line by line. */
export function importHandling(
  options: WriteOptions,
): Pick<EventHandlerOptions<RecordImported>, 'tenantOf' | 'check' | 'write'> {
  return {
    tenantOf: ({ record }) => record.tenant_id,
    check: ({ record }) => checkRecordEvent(record),
    async write(tenant, lines) {
      const lineOf = new Map(lines.map((line) => [line.event.record, line]));
      const events = lines.map(({ event, traceparent }) => ({ event: event.record, traceparent }));
      const written = await writeRecords(options, tenant, events);
      return written.flatMap(({ event }) => lineOf.get(event) ?? []);
    },
  };
}
