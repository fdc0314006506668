import { z } from 'zod';

const rate = z.number().describe('Per second, over the last minute.');
const seconds = z.number().describe('Age of the oldest, seconds; 0 when there is none.');

const engine = z.object({
  state: z
    .enum(['ok', 'away', 'unknown'])
    .describe('`away`: it did not answer in time, or refused. `unknown`: the API is not told where it is.'),
  detail: z.string().nullable().describe('What is wrong, in a few words.'),
});

const service = z.object({
  name: z.string(),
  state: z.enum(['ready', 'not ready', 'draining', 'away']),
  waits_for: z
    .array(z.object({ check: z.string(), detail: z.string() }))
    .describe('What it can’t work without at present.'),
});

const lag = z.object({
  stage: z.string().describe('The service that reads the topic.'),
  topic: z.string(),
  group: z.string(),
  messages: z.int().describe('That the group has not finished.'),
  seconds,
  arrived_per_second: rate,
  finished_per_second: z
    .number()
    .nullable()
    .describe('Since this was asked before, a minute ago at most; null when it was not.'),
});

const stage = z.object({
  name: z.enum(['ingest', 'enrich', 'sink-postgres', 'sink-clickhouse']),
  per_second: z
    .number()
    .nullable()
    .describe('What leaves it: events, of `sink-clickhouse` rows of facts. Null: it is not known.'),
  waiting: z
    .int()
    .nullable()
    .describe('What waits before it: messages, of `sink-clickhouse` blocks. Null: it is not known.'),
  waiting_seconds: seconds.nullable(),
  dead_letters: z.int().describe('The clinic’s own that are open and were set aside here.'),
});

const blocks = z.object({
  open: z.int().describe('Blocks that ClickHouse is not known to hold.'),
  oldest_outbox_seconds: z.number().describe('Age of the oldest fact in no block yet; 0 when there is none.'),
  rows_per_second: rate,
  shards: z.array(
    z.object({
      shard: z.int(),
      open: z.int(),
      oldest_outbox_seconds: z.number(),
      as_of: z.string().nullable(),
    }),
  ),
});

const deadLetters = z.object({
  open: z.int(),
  by: z.array(
    z.object({
      stage: z.string(),
      reason: z.string(),
      count: z.int(),
      first_at: z.string(),
      last_at: z.string(),
    }),
  ),
});

/** The answer of `GET /pipeline`. */
export const pipelineAnswer = z.object({
  checked_at: z.string().describe('At most a second ago.'),
  as_of: z.string().nullable().describe('Everything that was committed before it is in the numbers.'),
  freshness_ms: z.int().nullable(),
  engines: z.record(z.enum(['postgres', 'kafka', 'clickhouse']), engine),
  services: z.array(service),
  stages: z.array(stage),
  lag: z.array(lag).nullable().describe('Null while Kafka is away.'),
  blocks,
  dead_letters: deadLetters,
});

export type PipelineAnswer = z.infer<typeof pipelineAnswer>;
export type EngineState = z.infer<typeof engine>;
export type ServiceState = z.infer<typeof service>;
