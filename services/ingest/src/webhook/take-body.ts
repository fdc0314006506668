import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import { readBody } from '../body/read-body.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { bodyTooLarge, comeAgain } from './webhook-problems.ts';

export interface TakeBodyOptions {
  maxBodyBytes: number;
  metrics: IngestMetrics;
}

/** The raw bytes of a body. @throws RequestProblem 400, 413, 503 */
export async function takeBody(
  request: IncomingMessage,
  held: Held,
  { maxBodyBytes, metrics }: TakeBodyOptions,
): Promise<Buffer> {
  const read = await readBody(request, { limit: maxBodyBytes, held });
  if (read.ok) return read.body;
  if (read.reason === 'too_large') throw bodyTooLarge(maxBodyBytes);
  if (read.reason === 'aborted')
    throw new RequestProblem(400, 'body_incomplete', 'The body ended before its length.');
  metrics.limited.inc({ by: 'in_flight' });
  throw comeAgain('overloaded', 'Too much is being taken in at this moment.');
}
