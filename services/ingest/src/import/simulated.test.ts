import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordImported } from '@switchboard/schemas';
import { clinicOfMany } from '@switchboard/testkit/simulate/clinics';
import { historyRows, writeHistoryFiles } from '@switchboard/testkit/simulate/history/history-files';
import { tellHistory } from '@switchboard/testkit/simulate/history/tell-history';
import { afterAll, expect, it } from 'vitest';
import { createRecordReader } from '../records/read-record.ts';
import { importFile } from './import-file.ts';
import { appointments } from './tables/appointments.ts';
import { journeys } from './tables/journeys.ts';
import { messages } from './tables/messages.ts';
import { patients } from './tables/patients.ts';

const dir = mkdtempSync(join(tmpdir(), 'switchboard-history-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const endAt = Date.parse('2026-11-20T12:00:00Z');
const history = tellHistory({ seed: 3, endAt, days: 60, patients: 40, clinic: clinicOfMany(2).simulated });

it('a simulated history as files is taken in to the last row', { timeout: 30_000 }, async () => {
  const counts = await writeHistoryFiles(dir, history);
  const rows = historyRows(history);
  const sent: RecordImported[] = [];
  for (const table of [patients, appointments, journeys, messages]) {
    const errors: string[] = [];
    const before = sent.length;
    const { warnings } = await importFile({
      path: join(dir, `${table.name}.csv`),
      table,
      records: createRecordReader(),
      context: { timeZone: 'Europe/London', dates: 'iso' },
      tenantId: '0190a0a0-0000-7000-8000-000000000001',
      pseudonymKey: createSecretKey(Buffer.alloc(32, 7)),
      origin: 'import',
      now: () => endAt,
      stateDir: mkdtempSync(join(dir, 'states-')),
      async send(imported) {
        sent.push(...imported);
        return [];
      },
      onError: (line, { column, message }) => void errors.push(`${line} ${column} ${message}`),
      onProgress: () => undefined,
    });
    expect([table.name, errors, warnings]).toEqual([table.name, [], []]);
    expect(sent.length - before).toBeGreaterThanOrEqual(counts[table.name] ?? Number.NaN);
  }
  expect(Object.keys(counts).sort()).toEqual(['appointments', 'journeys', 'messages', 'patients']);
  expect(rows.patients).toHaveLength(40);
});

it('its appointments end as the history tells', () => {
  const ends = (kind: string) =>
    history.filter((one) => one.kind === 'event' && one.event.type === `appointment.${kind}`).length;
  const rows = historyRows(history).appointments;
  for (const status of ['completed', 'cancelled', 'no_show'])
    expect(rows.filter((row) => row.status === status)).toHaveLength(ends(status));
  expect(rows).toHaveLength(ends('booked'));
});
