import autocannon from 'autocannon';
import type { LoadAnswer, LoadOrder } from './messages.ts';

export interface SignedRequest {
  body: string;
  headers: Record<string, string>;
}

/** Each connection posts its next request when the last one is answered. */
export async function runClosedLoop(
  { url, connections, seconds }: LoadOrder,
  requests: readonly SignedRequest[],
): Promise<LoadAnswer> {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  let client = 0;
  const done = Promise.withResolvers<autocannon.Result>();
  const options: autocannon.Options = {
    url,
    connections,
    duration: seconds,
    timeout: 10,
    setupClient(one) {
      // Each connection has its own part of the requests.
      const part = requests.filter((_, index) => index % connections === client % connections);
      client += 1;
      one.setRequests(part.map((request) => ({ method: 'POST' as const, ...request })));
    },
  };
  const running = autocannon(options, (error, result) => (error ? done.reject(error) : done.resolve(result)));
  running.on('response', (_client, status, _bytes, ms) => {
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.push(ms);
  });
  const result = await done.promise;
  if (result.errors > 0) statuses[0] = result.errors;
  return { seconds: result.duration, statuses, latencies };
}
