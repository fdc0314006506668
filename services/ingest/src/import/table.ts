import type { CellForm } from './convert-cell.ts';

/** A column that a file may have. */
export interface Column {
  name: string;
  form: CellForm;
  /** Dotted path in an event's `data`; none: the table itself makes something of it. */
  to?: string;
  /** What clinics' systems call it, beside its name. */
  aliases?: readonly string[];
}

/** Converted cells by column name; an empty cell is not there. */
export type Cells = ReadonlyMap<string, unknown>;

/** A change that a row tells, as the clinic's system would have pushed it. */
export interface RowEvent {
  type: string;
  /** The sender's own id of the record. */
  subject: string;
  data: Record<string, unknown>;
}

export interface CellError {
  column: string;
  message: string;
  fix: string;
}

/** One kind of file. */
export interface Table {
  /** As the option that names such a file. */
  name: 'patients' | 'appointments' | 'journeys' | 'messages';
  columns: readonly Column[];
  /** Columns without which no row says anything. */
  needs: readonly string[];
  /** Columns without which numbers are others than they were, and what is counted then. */
  counts?: Readonly<Record<string, string>>;
  /** @param data of the columns that have a path, each call's own */
  read(cells: Cells, data: Record<string, unknown>): RowEvent[] | CellError;
}

/** Columns that name a record's patient. */
export const patientColumns: readonly Column[] = [
  {
    name: 'patient_id',
    form: 'text',
    to: 'patient.external_id',
    aliases: ['patient_external_id', 'patient_no'],
  },
  { name: 'patient_name', form: 'text', to: 'patient.full_name' },
  { name: 'patient_phone', form: 'phones', to: 'patient.phones', aliases: ['patient_mobile'] },
  { name: 'patient_date_of_birth', form: 'date', to: 'patient.date_of_birth', aliases: ['patient_dob'] },
];

/** Columns that say with whom and where. */
export const clinicColumns: readonly Column[] = [
  {
    name: 'practitioner_id',
    form: 'text',
    to: 'practitioner.external_id',
    aliases: ['doctor_id', 'provider_id'],
  },
  {
    name: 'practitioner',
    form: 'text',
    to: 'practitioner.name',
    aliases: ['practitioner_name', 'doctor', 'doctor_name', 'provider', 'provider_name'],
  },
  { name: 'location_id', form: 'text', to: 'location.external_id', aliases: ['branch_id', 'site_id'] },
  { name: 'location', form: 'text', to: 'location.name', aliases: ['location_name', 'branch', 'site'] },
  { name: 'department', form: 'text', to: 'department', aliases: ['specialty', 'speciality'] },
];

export const updatedAt: Column = {
  name: 'updated_at',
  form: 'time',
  aliases: ['last_updated', 'modified_at', 'last_modified'],
};

/** A converted cell that is a text. */
export function textOf(cells: Cells, name: string): string | undefined {
  const value = cells.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** The type of event that a status stands for; `fallback` where the cell is empty. */
export function typeOf(
  cells: Cells,
  types: Readonly<Record<string, string>>,
  fallback: string,
): string | CellError {
  const status = textOf(cells, 'status');
  if (status === undefined) return fallback;
  const type = Object.hasOwn(types, status) ? types[status] : undefined;
  if (type !== undefined) return type;
  const fix = `Write one of: ${Object.keys(types).join(', ')}.`;
  return { column: 'status', message: 'is not a status', fix };
}

/**
 * An amount as minor units of its currency.
 * @param amount column of the amount in major units
 * @param currency column of its currency
 */
export function minorUnits(cells: Cells, amount: string, currency: string): number | undefined | CellError {
  const value = cells.get(amount);
  if (typeof value !== 'number') return undefined;
  const code = textOf(cells, currency)?.toUpperCase() ?? '';
  if (!/^[A-Z]{3}$/.test(code))
    return { column: amount, message: 'has no currency', fix: `Add a column ${currency}, e.g. INR.` };
  return value * 10 ** digitsOf(code);
}

/** By currency, how many digits its minor unit has: the runtime takes a quarter of a millisecond to tell. */
const knownDigits = new Map<string, number>();

function digitsOf(currency: string): number {
  const known = knownDigits.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  knownDigits.set(currency, digits);
  return digits;
}

export function isCellError(value: unknown): value is CellError {
  return typeof value === 'object' && value !== null && 'column' in value && 'fix' in value;
}
