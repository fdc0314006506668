import { factColumns, statementColumns } from '@switchboard/clickhouse';
import { findFact } from '@switchboard/clickhouse/blocks/insert-block';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rebuild } from '../rebuild/rebuild.ts';
import { type OwnEngines, startOwnEngines } from '../testing/own-engines.ts';
import { createStand, type Stand } from '../testing/stand.ts';
import { writeCalls } from '../testing/write-calls.ts';
import { verify } from './verify.ts';

const voiceCallFact = findFact('voice_call');
let own: OwnEngines;
beforeAll(async () => {
  own = await startOwnEngines();
});
afterAll(() => own.stop());

describe('the recount', () => {
  /** The ids are those of the row: another one is a statement without a record. */
  const stated = statementColumns(voiceCallFact).filter((name) => !['tenant_id', 'entity_id'].includes(name));
  let recounted: Stand;
  beforeEach(async () => {
    recounted = await createStand(own.engines);
  });
  afterEach(() => recounted.remove());

  it.each([
    ['Australia/Lord_Howe', '2026-10-03T14:20:00Z', 'set forward by half an hour'],
    ['Australia/Lord_Howe', '2026-04-04T13:50:00Z', 'set back by half an hour'],
    ['Europe/Berlin', '2026-10-24T23:50:00Z', 'set back by an hour'],
    ['Asia/Kathmandu', '2026-10-03T14:20:00Z', 'three quarters of an hour off'],
  ])('agrees on the hours of %s from %s on, when clocks are %s', async (zone, from) => {
    await recounted.database.admin.query('UPDATE tenants SET time_zone = $1', [zone]);
    await writeCalls(recounted, 80, (call, index) => ({
      ...call,
      beganAt: Date.parse(from) + index * 120_000,
      answeredAt: null,
      endedAt: null,
      analyzedAt: null,
    }));
    await recounted.maintain((work) => rebuild(work, 'test'));
    const { findings, compared } = await recounted.maintain(verify);
    expect(findings.filter(({ check }) => check === 'statements-records')).toEqual([]);
    expect(compared.find(({ check }) => check === 'statements-records')?.rows).toBe(80);
  });

  it('notices every column of a statement that was changed, even where ClickHouse was rebuilt from it', async () => {
    const { admin } = recounted.database;
    await writeCalls(recounted, 400);
    const { rows } = await admin.query<{ id: string }>(
      `SELECT entity_id AS id FROM fact_current f JOIN voice_calls c ON c.id = f.entity_id
       WHERE statement -> 'duration_ms_hist' <> '[]' AND c.contact_phone IS NOT NULL ORDER BY entity_id`,
    );
    expect(rows.length).toBeGreaterThan(stated.length);
    for (const [index, column] of stated.entries()) {
      await admin.query(tamper(column), [rows[index]?.id, column]);
    }
    await recounted.maintain((work) => rebuild(work, 'test'));
    const { findings, older } = await recounted.maintain(verify);
    expect(new Set(findings.map((finding) => finding.check))).toEqual(new Set(['statements-records']));
    // A statement of other rules is listed, since nobody can recount it.
    expect(older.map(({ version, statements }) => [version, statements])).toEqual([[99, 1]]);
    const columns = new Set(findings.flatMap((finding) => finding.columns ?? []));
    expect(stated.filter((column) => !columns.has(column))).toEqual(['statement_version']);
    expect(findings.reduce((sum, { differing }) => sum + differing, 0)).toBe(stated.length - 1);
  });
});

/** SQL that changes one column of the statement $1; $2 is the column. */
function tamper(column: string): string {
  const set = (value: string) =>
    `UPDATE fact_current SET statement = statement || jsonb_build_object($2::text, ${value}) WHERE entity_id = $1`;
  const type = factColumns(voiceCallFact)[column] ?? '';
  if (column === 'basis')
    return `UPDATE fact_current SET basis = 'ended' WHERE entity_id = $1 AND $2 = 'basis'`;
  if (column === 'statement_version') return set('99');
  if (column === 'occurred_at') return set(`'2026-10-01 00:00:00.001'`);
  if (column === 'hour_start') return set(`'2026-10-01 00:00:00'`);
  if (column === 'local_date') return set(`'2026-11-01'`);
  if (type === 'UUID') return set('gen_random_uuid()');
  // One bucket further: 2 % off.
  if (type.startsWith('Array'))
    return set(`jsonb_build_array(coalesce((statement -> $2 ->> 0)::int, 0) + 1)`);
  if (type.startsWith('LowCardinality')) return set(`'changed'`);
  return set('(statement ->> $2)::int + 1');
}
