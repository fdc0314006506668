import { parentPort } from 'node:worker_threads';
import { findRecord } from '@switchboard/kafka/find-record';
import { createLogReader } from '@switchboard/kafka/log-reader';
import type { SearchRequest } from './search-kafka.ts';
import { tell } from './tell.ts';

parentPort?.once('message', async ({ access, names, eventIds, patience }: SearchRequest) => {
  const { until, leastMs, around } = patience;
  const timeoutMs = Math.max(until - Date.now(), leastMs);
  const deadline = Date.now() + timeoutMs;
  const reader = createLogReader({ ...access, clientId: 'switchboard-where', timeoutMs });
  // It ends a little earlier, so that it can still say how much it has looked at.
  const search = findRecord(reader, names, { eventIds, around, deadline: deadline - timeoutMs / 5 });
  parentPort?.postMessage(await tell(search, deadline));
  reader.close();
});
