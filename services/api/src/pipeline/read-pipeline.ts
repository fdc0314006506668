import type { ClickHouse } from '@switchboard/clickhouse';
import { type GroupPosition, type LogReader, type Names, readGroupPositions } from '@switchboard/kafka';
import { checkReadiness } from '@switchboard/platform';
import { type Pool, withTenant } from '@switchboard/postgres';
import { readTenantFreshness } from '@switchboard/postgres/blocks/freshness';
import { countOpenDeadLetters, readShardProgress } from '@switchboard/postgres/pipeline/pipeline-status';
import { createReuse } from '../analytics/reuse.ts';
import { createFinishRates } from './finish-rates.ts';
import type { EngineState, PipelineAnswer } from './pipeline-schema.ts';
import { type OwnState, presentPipeline, type SharedState } from './present-pipeline.ts';
import { readServiceStates, type ServiceAddress } from './service-states.ts';

export interface PipelineOptions {
  pool: Pool;
  clickhouse: Pick<ClickHouse, 'check'>;
  /** Undefined: the API is not told where Kafka is. */
  reader: LogReader | undefined;
  names: Names;
  services: readonly ServiceAddress[];
  now(): number;
}

/** How the pipeline stands, and what of it is this clinic's own. */
export type ReadPipeline = (tenantId: string) => Promise<PipelineAnswer>;

const maxAgeMs = 1_000;
/** Less than a second for all of it: what has not answered by then is told as away. */
const patienceMs = 700;

/** Many may look at once: what they see is read once a second at most. */
export function createReadPipeline(options: PipelineOptions): ReadPipeline {
  const { now } = options;
  const shared = createReuse<SharedState>({ maxAgeMs, now });
  const own = createReuse<OwnState>({ maxAgeMs, now });
  const rates = createFinishRates();
  return async function readPipeline(tenantId) {
    const [common, mine] = await Promise.all([
      shared.get('all', () => readShared(options, rates)),
      own.get(tenantId, () => readOwn(options.pool, tenantId)),
    ]);
    return presentPipeline(common, mine, now());
  };
}

async function readShared(
  { clickhouse, reader, names, services, now }: PipelineOptions,
  rates: ReturnType<typeof createFinishRates>,
): Promise<SharedState> {
  const checkedAt = now();
  let positions: GroupPosition[] | undefined;
  const [{ checks }, states] = await Promise.all([
    checkReadiness(
      {
        clickhouse: () => clickhouse.check(),
        ...(reader && {
          kafka: async () => {
            positions = await readGroupPositions(reader, names, checkedAt);
          },
        }),
      },
      patienceMs,
    ),
    readServiceStates(services, patienceMs),
  ]);
  return {
    checkedAt,
    kafka: engineState(checks.kafka),
    clickhouse: engineState(checks.clickhouse),
    positions: positions && checks.kafka === 'ok' ? rates.add(positions, checkedAt) : null,
    services: states,
  };
}

function readOwn(pool: Pool, tenantId: string): Promise<OwnState> {
  return withTenant(pool, tenantId, async (client) => ({
    freshness: await readTenantFreshness(client),
    shards: await readShardProgress(client),
    deadLetters: await countOpenDeadLetters(client, tenantId),
  }));
}

function engineState(check: string | undefined): EngineState {
  if (check === undefined) return { state: 'unknown', detail: null };
  return check === 'ok' ? { state: 'ok', detail: null } : { state: 'away', detail: check };
}
