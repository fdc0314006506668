import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClinicEventBody } from '../clinic-event.ts';
import type { Happening } from './telling.ts';

type Row = Record<string, unknown>;

/** The clinic's records as `npm run import` takes them, a list of rows per file; calls are in none. */
export interface HistoryRows {
  patients: Row[];
  appointments: Row[];
  journeys: Row[];
  messages: Row[];
}

const states: Readonly<Record<string, string>> = {
  booked: 'scheduled',
  step_scheduled: 'active',
  step_completed: 'active',
  started: 'active',
  resumed: 'active',
};

/** What the events of a history come to, record by record. */
export function historyRows(history: readonly Happening[]): HistoryRows {
  const events = history.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
  const of = (kind: string) =>
    [...Map.groupBy(events, ({ subject }) => subject)].flatMap(([, told]) =>
      told[0]?.type.startsWith(`${kind}.`) ? [told] : [],
    );
  return {
    patients: of('patient').map((told) => ({ ...recordOf(told), full_name: undefined })),
    appointments: of('appointment').map((told) => ({ ...recordOf(told), ...timesOf(told) })),
    journeys: of('journey').flatMap(journeyRows),
    messages: of('message').map((told) => {
      const { cost_minor: minor, ...row } = recordOf(told);
      return { ...row, sent_at: told[0]?.time, cost: typeof minor === 'number' ? minor / 100 : undefined };
    }),
  };
}

/** A record as its newest event left it, columns named as the import names them. */
function recordOf(told: readonly ClinicEventBody[]): Row {
  const data: Row = Object.assign({}, ...told.map((event) => event.data));
  const last = told.at(-1);
  const word = last?.type.split('.')[1] ?? '';
  const { patient, practitioner, appointment_type: type, step: _, ...plain } = data;
  return {
    id: last?.subject,
    ...Object.fromEntries(
      Object.entries(plain).map(([name, value]) => [columns[name] ?? name, cellOf(value)]),
    ),
    patient_id: fieldOf(patient, 'external_id'),
    practitioner: fieldOf(practitioner, 'name'),
    appointment_type: fieldOf(type, 'name'),
    ...(data.status === undefined && !last?.type.startsWith('patient.') && { status: states[word] ?? word }),
    updated_at: last?.time,
  };
}

const columns: Readonly<Record<string, string>> = {
  from_address: 'from',
  to_address: 'to',
  appointment: 'appointment_id',
};

/** When an appointment was confirmed, at the time that it has, and cancelled, which its events say by their own time. */
function timesOf(told: readonly ClinicEventBody[]): Row {
  const moved = told.findLastIndex(({ type }) => type === 'appointment.rescheduled');
  const at = (type: string) =>
    told.slice(moved + 1).find((event) => event.type === `appointment.${type}`)?.time;
  return { confirmed_at: at('confirmed') ?? '', cancelled_at: at('cancelled') ?? '' };
}

/** A journey has a row for each of its steps. */
function journeyRows(told: readonly ClinicEventBody[]): Row[] {
  const at = (type: string) => told.findLast((event) => event.type === `journey.${type}`)?.time;
  const journey = {
    ...recordOf(told),
    paused_at: at('paused'),
    resumed_at: at('resumed'),
    completed_at: at('completed') ?? '',
    canceled_at: at('canceled') ?? '',
  };
  const steps = Map.groupBy(
    told.filter(({ data }) => data.step !== undefined),
    ({ data }) => String(fieldOf(data.step, 'external_id')),
  );
  return [...steps].map(([id, events]) => {
    const step: Row = Object.assign({}, ...events.map(({ data }) => data.step));
    return {
      ...journey,
      step_id: id,
      step_name: step.name,
      step_position: step.position,
      step_due_at: step.due_at,
      step_completed_at: step.completed_at,
    };
  });
}

/** Writes `patients.csv`, `appointments.csv`, `journeys.csv` and `messages.csv`. @returns their rows, by file */
export async function writeHistoryFiles(
  dir: string,
  history: readonly Happening[],
): Promise<Record<string, number>> {
  await mkdir(dir, { recursive: true });
  const counts: Record<string, number> = {};
  for (const [name, rows] of Object.entries(historyRows(history))) {
    const file = join(dir, `${name}.csv`);
    await writeFile(`${file}.new`, toCsv(rows));
    await rename(`${file}.new`, file);
    counts[name] = rows.length;
  }
  return counts;
}

function toCsv(rows: readonly Row[]): string {
  const names = [
    ...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => row[name] !== undefined))),
  ];
  const lines = rows.map((row) => names.map((name) => quote(row[name])).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

function quote(value: unknown): string {
  const text = value === undefined || value === null ? '' : String(value);
  return /[",;\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellOf(value: unknown): unknown {
  return Array.isArray(value) ? value.join(';') : value;
}

function fieldOf(value: unknown, name: string): unknown {
  return value === undefined ? undefined : Reflect.get(Object(value), name);
}
