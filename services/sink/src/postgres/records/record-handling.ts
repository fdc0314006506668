import { checkRecordEvent } from '@switchboard/domain/records/check-event';
import type { RecordReceived } from '@switchboard/schemas';
import type { EventHandlerOptions } from '../consume-events.ts';
import type { WriteOptions } from '../write-events.ts';
import { writeRecords } from './write-records.ts';

/** What the handler of events needs to know of the clinic system's, pushed or from a file. */
export function recordHandling(
  options: WriteOptions,
): Pick<EventHandlerOptions<RecordReceived>, 'tenantOf' | 'check' | 'write'> {
  return {
    tenantOf: ({ tenant_id }) => tenant_id,
    check: checkRecordEvent,
    write: (tenant, events) => writeRecords(options, tenant, events),
  };
}
