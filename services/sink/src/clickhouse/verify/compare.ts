import { randomUUID } from 'node:crypto';
import { factTables, rollupsOf } from '@switchboard/clickhouse';
import { highestBlock } from '@switchboard/clickhouse/blocks/check-block';
import { rollupDifferenceSql, statementDifferenceSql } from '@switchboard/clickhouse/blocks/difference';
import { missingTables, viewEpochs, viewNames } from '@switchboard/clickhouse/migrate/epochs';
import { scratchPrefix } from '@switchboard/clickhouse/migrate/scratch';
import { SwitchboardError } from '@switchboard/platform';
import { lastBlock, listShards } from '@switchboard/postgres/blocks/blocks';
import type { DirectConnection } from '@switchboard/postgres/blocks/direct-connection';
import { listTenants } from '@switchboard/postgres/blocks/fact-pages';
import { lockShards, unlockShards } from '@switchboard/postgres/blocks/locks';
import { copyFacts } from '../copy-facts.ts';
import { makeCut } from '../cut.ts';
import type { MaintenanceWork } from '../dependencies.ts';
import { finishUndone, requireEpoch } from '../run-cycle.ts';
import type { Finding, VerifyReport } from './report.ts';

/** Findings of one check that are kept; more are counted only. */
const maxFindings = 1_000;

/** Groups of many tenants go to disk before they fill the memory. */
const settings = { max_bytes_before_external_group_by: '200000000' };

/** More to compare at the same cut, in the reader's transaction; adds to the report. */
export type AlsoCompare = (reader: DirectConnection, report: VerifyReport) => Promise<void>;

/**
 * Compares ClickHouse at a cut: daily and hourly sums with the facts while no block can be inserted, then, with blocks
 * flowing again, the facts of blocks up to the cut with `fact_current` as the cut's snapshot has it. The connection
 * holds the rebuild lock, so that no epoch goes away meanwhile.
 */
export async function compareWithStatements(
  work: MaintenanceWork,
  also?: AlsoCompare,
): Promise<VerifyReport> {
  const { connection, onStep } = work;
  const report: VerifyReport = {
    epoch: 0,
    block: 0,
    heldMs: 0,
    compared: [],
    findings: [],
    older: [],
    drift: 0,
  };
  const shards = await listShards(connection);
  if (!(await compareShape(work, report))) return report;
  await lockShards(connection, shards, work.signal);
  const heldAt = Date.now();
  const cut = await (async () => {
    try {
      await compareHighest(work, report);
      const made = await makeCut(work, shards);
      try {
        await onStep?.('verify-cut');
        const epoch = await requireEpoch(work);
        report.block = made.number;
        for (const shard of shards) {
          await finishUndone(work, epoch, shard).catch((error) => noteDamage(error, report));
        }
        await compareSums(work, report);
        await onStep?.('verify-held');
        return made;
      } catch (error) {
        await made.close();
        throw error;
      }
    } finally {
      await unlockShards(connection, shards).catch(() => undefined);
      report.heldMs = Date.now() - heldAt;
    }
  })();
  try {
    await onStep?.('verify-released');
    await compareStatements(work, cut.reader, report);
    await also?.(cut.reader, report);
  } finally {
    await cut.close();
  }
  report.drift = report.findings.length;
  return report;
}

/**
 * Whether the tables are there and what readers see stands at them.
 * @returns false when there is nothing that could be compared
 */
async function compareShape(work: MaintenanceWork, report: VerifyReport): Promise<boolean> {
  const { epoch } = await requireEpoch(work);
  report.epoch = epoch;
  const missing = await missingTables(work.clickhouse, epoch);
  for (const table of missing) report.findings.push(findingOfTable('tables', table));
  const views = await viewEpochs(work.clickhouse);
  for (const name of viewNames) {
    if (views.get(name) !== epoch) report.findings.push(findingOfTable('views', name));
  }
  report.drift = report.findings.length;
  return missing.length === 0;
}

/**
 * Facts of a block that Postgres never made: looked for while the shards are held and before the cut moves anything, so
 * that no number is given to a block meanwhile. The facts are compared with the statements without them.
 */
async function compareHighest(work: MaintenanceWork, report: VerifyReport): Promise<void> {
  const last = await lastBlock(work.connection);
  for (const { kind, name } of factTables) {
    if ((await highestBlock(work.clickhouse, report.epoch, [kind])) > last)
      report.findings.push(findingOfTable('block', `${name}_e${report.epoch}`));
  }
}

/** Sums against facts, both sides whole: a key that only one of them has differs too. */
async function compareSums(work: MaintenanceWork, report: VerifyReport): Promise<void> {
  const { clickhouse } = work;
  for (const fact of factTables) {
    for (const rollup of rollupsOf(fact)) {
      const table = `${fact.rollup}_${rollup.span}_e${report.epoch}`;
      const check = rollup.span === 'daily' ? 'daily-facts' : 'hourly-facts';
      const difference = rollupDifferenceSql(fact, rollup, report.epoch, '1');
      const rows = await clickhouse.query<{
        tenant_id: string;
        local_date: string;
        n: string;
        columns: string[];
      }>(
        `SELECT tenant_id, local_date, count() AS n, groupUniqArrayArray(d.columns) AS columns FROM (${difference}) AS d
         GROUP BY tenant_id, local_date ORDER BY tenant_id, local_date LIMIT ${maxFindings}`,
        {},
        settings,
      );
      for (const row of rows) {
        report.findings.push({ ...findingOf(check, table, row), columns: row.columns });
      }
      report.compared.push(await sizeOf(work, check, table));
    }
  }
}

async function compareStatements(
  work: MaintenanceWork,
  reader: DirectConnection,
  report: VerifyReport,
): Promise<void> {
  const { clickhouse, inserter, onStep } = work;
  const scratch = (name: string) => `${scratchPrefix}${name}_${suffix}`;
  const suffix = randomUUID().replaceAll('-', '');
  const tenants = (await listTenants(reader)).map(({ tenantId }) => tenantId);
  try {
    for (const { name } of factTables) {
      await clickhouse.command(
        `CREATE TABLE ${scratch(name)} AS ${name}_e${report.epoch} ENGINE = MergeTree ORDER BY (tenant_id, local_date)`,
      );
    }
    await copyFacts(reader, inserter, scratch);
    await onStep?.('verify-copied');
    for (const fact of factTables) {
      const table = `${fact.name}_e${report.epoch}`;
      const difference = statementDifferenceSql(
        fact,
        report.epoch,
        scratch(fact.name),
        'block <= {block:UInt64}',
      );
      const rows = await clickhouse.query<{ tenant_id: string; local_date: string; n: string }>(
        `SELECT tenant_id, local_date, sum(abs(difference)) AS n FROM (${difference})
         GROUP BY tenant_id, local_date ORDER BY tenant_id, local_date LIMIT ${maxFindings}`,
        { block: report.block },
        settings,
      );
      for (const row of rows) {
        const check = tenants.includes(row.tenant_id) ? 'facts-statements' : 'tenant';
        report.findings.push(findingOf(check, table, row));
      }
      report.compared.push(await sizeOf(work, 'facts-statements', table));
    }
  } finally {
    for (const { name } of factTables) await clickhouse.command(`DROP TABLE IF EXISTS ${scratch(name)}`);
  }
}

function findingOfTable(check: Finding['check'], table: string): Finding {
  return { check, table, tenant: '', day: '', differing: 1 };
}

function findingOf(
  check: Finding['check'],
  table: string,
  row: { tenant_id: string; local_date: string; n: string },
): Finding {
  return { check, table, tenant: row.tenant_id, day: row.local_date, differing: Number(row.n) };
}

async function sizeOf(work: MaintenanceWork, check: Finding['check'], table: string) {
  const [row] = await work.clickhouse.query<{ tenants: string; n: string }>(
    `SELECT uniqExact(tenant_id) AS tenants, count() AS n FROM ${table}`,
  );
  return { check, table, tenants: Number(row?.tenants ?? 0), rows: Number(row?.n ?? 0) };
}

function noteDamage(error: unknown, report: VerifyReport): void {
  if (!(error instanceof SwitchboardError) || error.code !== 'block_damaged') throw error;
  report.findings.push(findingOfTable('block', 'blocks'));
}
