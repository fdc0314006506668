import { tellHistory } from '@switchboard/testkit/simulate/history/tell-history';
import { expect, it } from 'vitest';
import { createRecordReader } from '../records/read-record.ts';
import { createVendors } from '../vendors/index.ts';
import { createReadCloudEvent } from './read-cloud-event.ts';

it('a simulated history is valid to the last event and call, and leaves nothing unknown', () => {
  const endAt = Date.parse('2026-11-20T12:00:00Z');
  const read = createReadCloudEvent(createRecordReader());
  const zoice = createVendors().get('zoice');
  const wrong: unknown[] = [];
  for (const one of tellHistory({ seed: 3, endAt, days: 60, patients: 120 })) {
    if (one.kind === 'event') {
      const result = read(one.event, endAt);
      if (!result.ok || result.event.content.extra !== null) wrong.push(result);
      continue;
    }
    for (const body of one.bodies) {
      const result = zoice?.read({ ...body }, endAt);
      if (!result?.ok) wrong.push(result);
    }
  }
  expect(wrong).toEqual([]);
});
