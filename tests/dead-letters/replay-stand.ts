import { randomUUID } from 'node:crypto';
import { recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { createProducer } from '@switchboard/kafka';
import { createLogger, createMetrics, createSealer } from '@switchboard/platform';
import { createPool } from '@switchboard/postgres';
import { createTestDatabase } from '@switchboard/testkit/database';
import { startPuttingBack } from '../../services/jobs/src/dead-letters/put-back.ts';

import { createSinkProcess } from '../../services/sink/src/postgres/records/testing/sink-process.ts';

interface Engines {
  postgresAdmin: string;
  kafka: string;
  schemaRegistry: string;
}

/** What the sink's process seals with. */
const sealer = createSealer(Buffer.alloc(32, 9));

/** The sink as a process, the job that puts dead letters back, and a clinic that is none until `mend`. */
export async function createReplayStand(engines: Engines) {
  const database = await createTestDatabase(engines.postgresAdmin);
  const sink = await createSinkProcess(engines, database.urlAs('switchboard_sink'));
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'replay-test' });
  const producer = createProducer({ brokers: [engines.kafka], clientId: 'replay-test', deadlineMs: 10_000 });
  const tenantId = randomUUID();
  const log: string[] = [];
  const one = async (sql: string): Promise<number> =>
    Number((await database.admin.query<{ n: number }>(sql, [tenantId])).rows[0]?.n);

  return {
    database,
    sink,
    pool,
    producer,
    tenantId,
    log,
    /** Events of patients that no clinic has. */
    async sendPatients(count: number): Promise<void> {
      for (let from = 0; from < count; from += 500)
        await sink.send(
          'record.received.v1',
          Array.from({ length: Math.min(500, count - from) }, (_, at) =>
            recordEvent('patient.created', `P-${from + at}`, {
              tenant_id: tenantId,
              patient: { first_name: 'Zzsecretzz', last_name: `Rao ${from + at}` },
            }),
          ),
        );
    },
    /** The clinic is one from now on. */
    async mend(): Promise<void> {
      await database.admin.query(
        `INSERT INTO tenants (id, slug, name, time_zone, country) VALUES ($1, 'mended', 'Mended', 'Asia/Kolkata', 'IN')`,
        [tenantId],
      );
    },
    /** @param db what the job writes with; the stand's own unless told */
    startReplays: (send = producer.send, db = pool) => {
      const metrics = createMetrics('test');
      return startPuttingBack({
        pool: db,
        producer: { send },
        prefix: sink.prefix,
        sealer,
        metrics,
        logger: createLogger({ service: 'test', level: 'trace' }, { write: (line) => log.push(line) }),
        failures: metrics.counter('failures_total', 'Failures.', ['job']),
      });
    },
    letters: (state: string) =>
      one(`SELECT count(*) AS n FROM dead_letters WHERE tenant_id = $1 AND state = '${state}'`),
    patients: () => one('SELECT count(*) AS n FROM patients WHERE tenant_id = $1'),
    /** How often an event had an effect. */
    effects: () => one('SELECT count(*) AS n FROM inbox WHERE tenant_id = $1'),
    async close(): Promise<void> {
      await sink.close();
      await producer.close();
      await pool.end();
      await database.drop();
    },
  };
}

export type ReplayStand = Awaited<ReturnType<typeof createReplayStand>>;
