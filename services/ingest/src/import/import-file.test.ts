import { createSecretKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordImported } from '@switchboard/schemas';
import { afterAll, describe, expect, it } from 'vitest';
import { createRecordReader } from '../records/read-record.ts';
import { type ImportFileOptions, importFile } from './import-file.ts';
import type { CellError, Table } from './table.ts';
import { appointments } from './tables/appointments.ts';
import { journeys } from './tables/journeys.ts';
import { messages } from './tables/messages.ts';
import { patients } from './tables/patients.ts';

const dir = mkdtempSync(join(tmpdir(), 'switchboard-import-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const guide = readFileSync(new URL('../../../../docs/import.md', import.meta.url), 'utf8');
const tables: readonly Table[] = [patients, appointments, journeys, messages];
const tenantId = '0190a0a0-0000-7000-8000-000000000001';
let files = 0;

interface Run {
  sent: RecordImported[];
  errors: string[];
  summary: Awaited<ReturnType<typeof importFile>>;
}

function write(text: string | Buffer): string {
  files += 1;
  const path = join(dir, `file-${files}.csv`);
  writeFileSync(path, text);
  return path;
}

async function run(table: Table, path: string, more: Partial<ImportFileOptions> = {}): Promise<Run> {
  const sent: RecordImported[] = [];
  const errors: string[] = [];
  const summary = await importFile({
    path,
    table,
    records: createRecordReader(),
    context: { timeZone: 'Asia/Kolkata', dates: 'iso' },
    tenantId,
    pseudonymKey: createSecretKey(Buffer.alloc(32, 7)),
    origin: 'import',
    now: () => Date.parse('2026-11-21T00:00:00Z'),
    stateDir: mkdtempSync(join(dir, 'states-')),
    async send(imported) {
      sent.push(...imported);
      return [];
    },
    onError: (line: number, { column, message }: CellError) =>
      void errors.push(`${line} ${column} ${message}`),
    onProgress: () => undefined,
    ...more,
  });
  return { sent, errors, summary };
}

const idsOf = ({ sent }: Run) => sent.map(({ record }) => record.event_id);
const rows = (count: number) =>
  `id,first_name\n${Array.from({ length: count }, (_, index) => `P-${index},Asha\n`).join('')}`;

describe('the files of docs/import.md', () => {
  const samples = [...guide.matchAll(/^```csv (\w+)\n(.*?)^```$/gms)];

  it('are of every kind there is', () => {
    expect(samples.map(([, name]) => name)).toEqual(tables.map(({ name }) => name));
  });

  it.each(samples.map(([, name = '', text = '']) => [name, text]))(
    '%s: every row is taken, every column known',
    async (name, text) => {
      const table = tables.find((one) => one.name === name) ?? patients;
      const { sent, errors, summary } = await run(table, write(text));
      expect(errors).toEqual([]);
      expect(summary).toMatchObject({
        rows: text.match(/^[A-Z]-/gm)?.length,
        wrong: 0,
        done: true,
        unknown: [],
        warnings: [],
      });
      expect(sent.every(({ record }) => record.extra === null)).toBe(true);
    },
  );

  it('name every column and alias', () => {
    const named = new Set([...guide.matchAll(/\w+/g)].map(([word]) => word));
    const known = tables.flatMap(({ columns }) =>
      columns.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
    );
    expect(known.filter((name) => !named.has(name))).toEqual([]);
  });
});

describe('a row', () => {
  it('says of an appointment what an event would', async () => {
    const text =
      'Appointment ID,START,duration,Status,fee,currency,doctor_id,patient id,room\nA-1,2026-11-18 16:00,30,No-Show,800.50,INR,D-7,P-1,3\n';
    const { sent } = await run(appointments, write(text));
    expect(sent[0]).toMatchObject({
      line: 2,
      record: {
        event_type: 'appointment.no_show',
        kind: 'appointment',
        external_id: 'A-1',
        source: 'import',
        occurred_at: null,
        cleared: [],
        extra: '{"/data/room":"3"}',
        appointment: {
          start: Date.parse('2026-11-18T10:30:00Z'),
          end: Date.parse('2026-11-18T11:00:00Z'),
          fee_minor: 80_050,
          practitioner: { external_id: 'D-7', name: null },
          patient: { external_id: 'P-1', first_name: null },
          notes: null,
        },
      },
    });
  });

  it('of a step is its journey, once, and the step', async () => {
    const text = 'id,type,step_id,step_completed_at\nJ,x,S1,2026-11-01 10:00\nJ,x,S2,\nJ2,x,,\n';
    const { sent } = await run(journeys, write(text));
    expect(sent.map(({ line, record }) => [line, record.event_type, record.step?.external_id])).toEqual([
      [2, 'journey.started', undefined],
      [2, 'journey.step_completed', 'S1'],
      [3, 'journey.step_scheduled', 'S2'],
      [4, 'journey.started', undefined],
    ]);
  });

  it('is the same events in another file, with other columns’ order, separators and line ends', async () => {
    const one = await run(patients, write('id,first_name,phone,x,y\nP-1,Asha,022,1,2\nP-2,,,,\n'));
    const other = await run(
      patients,
      write('\uFEFFy;x;Mobile;Given Name;Patient-ID\r\n\r\n;;;;P-2\r\n2;1;022;Asha;P-1'),
    );
    expect(idsOf(other).toSorted()).toEqual(idsOf(one).toSorted());
    expect(idsOf(await run(patients, write('id,first_name\nP-1,Ashia\nP-2,\n')))[0]).not.toBe(idsOf(one)[0]);
  });

  it.each([
    [patients, 'id,dob\nP-1,1988-02-30\n', '2 date_of_birth is not a date'],
    [patients, 'id,dob\nP-1,2030-01-01\n', '2 date_of_birth is not a date of birth'],
    [patients, 'id,active\nP-1,perhaps\n', '2 active is not yes or no'],
    [
      patients,
      'id,sex\nP-1,"x\n\ny"\nP-2,ZZ\n',
      '2 sex is not one of the values allowed, 5 sex is not one of the values allowed',
    ],
    [patients, 'id,email\n,a@b.example\n', '2 id is empty'],
    [patients, 'id,email\nP-1\n', '2 the row has 1 cells, and the header 2'],
    [patients, 'name,email\nA,B\n', '1 id is missing'],
    [patients, 'id,phone,mobile\nP-1,1,2\n', '1 phones is there twice'],
    [patients, '\n', ''],
    [appointments, 'id,start\nA,tomorrow\n', '2 start is not a time'],
    [appointments, 'id,start\nA,24/11/2026 16:00\n', '2 start is not a time'],
    [appointments, 'id,start\nA,2126-11-24 16:00\n', '2 start is not a plausible time'],
    [appointments, 'id,start,status\nA,2026-11-24 16:00,constructor\n', '2 status is not a status'],
    [appointments, 'id,start,fee\nA,2026-11-24 16:00,800\n', '2 fee has no currency'],
    [appointments, 'id,start,fee,currency\nA,2026-11-24 16:00,1e3,INR\n', '2 fee is not an amount'],
    [appointments, 'id,start,end\nA,2026-11-24 16:00,2026-11-24 15:00\n', '2 end is not later'],
    [journeys, 'id\nJ\n', '2 journey_type is missing'],
  ])('of %o that is wrong is told by line and column: %j', async (table, text, expected) => {
    const { errors, sent } = await run(table, write(text));
    expect(errors.join(', ')).toBe(expected);
    expect(sent).toEqual([]);
  });
});

describe('an import', () => {
  it('that was broken off goes on where it was, under whatever name', async () => {
    const stateDir = mkdtempSync(join(dir, 'states-'));
    const stopping = new AbortController();
    const first = await run(patients, write(rows(1_700)), {
      stateDir,
      signal: stopping.signal,
      onProgress: ({ rows: done }) => done >= 1_000 && stopping.abort(),
    });
    expect(first.summary).toMatchObject({ rows: 1_000, done: false });
    const second = await run(patients, write(rows(1_700)), { stateDir });
    expect(second.summary).toMatchObject({ rows: 1_700, before: 1_000, done: true });
    expect([...first.sent, ...second.sent].map(({ record }) => record.external_id)).toEqual(
      Array.from({ length: 1_700 }, (_, index) => `P-${index}`),
    );
    expect(second.sent[0]?.line).toBe(1_002);
    expect((await run(patients, write(rows(1_700)), { stateDir })).sent).toEqual([]);
  });

  it('that a restored backup knows nothing of is sent again, with the same ids, and goes on where it was broken off', async () => {
    const stateDir = mkdtempSync(join(dir, 'states-'));
    const path = write(rows(1_200));
    const first = await run(patients, path, { stateDir });
    const stopping = new AbortController();
    const again = await run(patients, path, {
      stateDir,
      again: true,
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    });
    expect(again.summary).toMatchObject({ rows: 500, before: 0, done: false });
    const rest = await run(patients, path, { stateDir });
    expect(rest.summary).toMatchObject({ rows: 1_200, before: 500, done: true });
    expect([...idsOf(again), ...idsOf(rest)]).toEqual(idsOf(first));
  });

  it('that dies between the broker’s answer and its state sends the same events again', async () => {
    const stateDir = mkdtempSync(join(dir, 'states-'));
    const path = write(rows(1_200));
    const sent: RecordImported[] = [];
    const dying = run(patients, path, {
      stateDir,
      async send(imported) {
        sent.push(...imported);
        if (sent.length > 500) throw new Error('killed here');
        return [];
      },
    });
    await expect(dying).rejects.toThrow('killed here');
    const again = await run(patients, path, { stateDir });
    expect(again.summary).toMatchObject({ rows: 1_200, before: 500 });
    const all = [...sent.map(({ record }) => record.event_id), ...idsOf(again)];
    expect([all.length, new Set(all).size]).toEqual([1_700, 1_200]);
  });

  it('counts what the broker will never take as wrong', async () => {
    const { errors, summary } = await run(patients, write(rows(3)), { send: async (all) => all.slice(1, 2) });
    expect([errors, summary.wrong]).toEqual([['3 the row is too large'], 1]);
  });

  it('does not begin with a state that was damaged, but anew', async () => {
    const stateDir = mkdtempSync(join(dir, 'states-'));
    const path = write(rows(2));
    await run(patients, path, { stateDir });
    for (const name of readdirSync(stateDir)) writeFileSync(join(stateDir, name), '{"rows":');
    expect((await run(patients, path, { stateDir })).sent).toHaveLength(2);
  });

  it.each([
    ['not UTF-8', Buffer.from('id,first_name\nP-1,J\xf6rg\n', 'latin1'), /is not UTF-8/],
    [
      'no CSV from a line on',
      'id,first_name\nP-1,a\nP-2,"b\nP-3,c\n',
      /:3: a quote is opened and never closed/,
    ],
    ['a quote inside a cell', 'id,first_name\nP-1,a\nP-2,b"c"\n', /:3: a quote stands inside a cell/],
  ])(
    'of a file that is %s says so, and repeats nothing of it (any log: parser errors carry the values they choked on)',
    async (_name, text, message) => {
      const failed = run(patients, write(text));
      await expect(failed).rejects.toMatchObject({
        code: 'import_file',
        message: expect.stringMatching(message),
      });
      await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('P-2') });
    },
  );

  it('of a file that is not there says which', async () => {
    await expect(run(patients, join(dir, 'none.csv'))).rejects.toThrow("none.csv: can't be read");
  });
});

it('says what is counted otherwise without a column', async () => {
  const text = 'id,start\na1,2026-11-20T10:00:00+05:30\n';
  const { summary } = await run(appointments, write(text));
  expect(summary.warnings).toEqual([
    expect.stringMatching(/^Without booked_at they count as booked on no day/),
    expect.stringMatching(/^Without confirmed_at they count as never confirmed/),
    expect.stringMatching(/^Without checked_in_at nobody knows who came late/),
    expect.stringMatching(/^Without cancelled_at those that were cancelled count as cancelled on no day/),
  ]);
  const whole = text
    .replace('start\n', 'start,created_at,confirmed_at,arrived_at,canceled_at\n')
    .replace(/\n$/, ',2026-11-01T10:00:00+05:30,,,\n');
  expect((await run(appointments, write(whole))).summary.warnings).toEqual([]);
  const journey = await run(journeys, write('id,type\nJ-1,recall\n'));
  expect(journey.summary.warnings).toEqual([
    expect.stringMatching(/^Without started_at they count as started when they are imported/),
    expect.stringMatching(/^Without completed_at /),
    expect.stringMatching(/^Without canceled_at /),
  ]);
  const message = await run(messages, write('id,channel\nM-1,sms\n'));
  expect(message.summary.warnings).toEqual([expect.stringMatching(/^Without sent_at they count as sent /)]);
});

it('takes the character that no text of Postgres has out of a cell', async () => {
  const { sent, errors } = await run(
    appointments,
    write('id,start,reason\na1,2026-11-20T10:00:00+05:30,a\0b\n'),
  );
  expect(errors).toEqual([]);
  expect(JSON.stringify(sent)).toContain('"ab"');
});
