import type { DirectConnection } from '@switchboard/postgres/blocks/direct-connection';
import { listTenants, seeTenant } from '@switchboard/postgres/blocks/fact-pages';
import { recounts } from '@switchboard/postgres/recount/index';
import type { MaintenanceWork } from '../dependencies.ts';
import { compareWithStatements } from './compare.ts';
import type { VerifyReport } from './report.ts';

/**
 * Proves the numbers at a cut, while traffic flows: ClickHouse's sums against its facts, its facts against
 * `fact_current`, and `fact_current` against a recount of the records. Everything at the same instant of Postgres.
 */
export function verify(work: MaintenanceWork): Promise<VerifyReport> {
  return compareWithStatements(work, recountRecords);
}

async function recountRecords(reader: DirectConnection, report: VerifyReport): Promise<void> {
  const tenants = await listTenants(reader);
  for (const { kind, recount } of recounts) {
    const table = `fact_current (${kind})`;
    let rows = 0;
    for (const { tenantId, timeZone } of tenants) {
      await seeTenant(reader, tenantId);
      const { compared, differences, older } = await recount(reader, tenantId, timeZone);
      rows += compared;
      for (const { day, calls, columns } of differences) {
        report.findings.push({
          check: 'statements-records',
          table,
          tenant: tenantId,
          day,
          differing: calls,
          columns,
        });
      }
      for (const { version, statements } of older)
        report.older.push({ kind, tenant: tenantId, version, statements });
    }
    report.compared.push({ check: 'statements-records', table, tenants: tenants.length, rows });
  }
}
