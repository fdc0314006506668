import { kafkaShape, key32, port } from '@switchboard/platform';
import { z } from 'zod';

/** Settings of the Postgres sink. */
export const configShape = {
  ...kafkaShape,
  DATABASE_URL: z.string().describe('As switchboard_sink'),
  PORT: port(8102),
  SECRETS_KEY: key32(),
  PSEUDONYM_KEY: key32(),
  SINK_POOL_SIZE: z.coerce.number().int().min(2).max(50).default(8),
};
