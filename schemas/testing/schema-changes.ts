import { type AvroField, type AvroRecord, type AvroType, loadSchema } from '../load.ts';

/** What is done to a schema, in words, and how. */
export type SchemaChange = readonly [what: string, change: (find: Find) => void];

/** A record of a schema, by name, to be changed in place. */
type Find = (record: string) => AvroRecord;

const required = (name: string): AvroField => ({ name, type: 'string' });

function fieldOf(record: AvroRecord, name: string): AvroField {
  const field = record.fields.find((one) => one.name === name);
  if (!field) throw new Error(`${record.name} has no field ${name}`);
  return field;
}

const retype = (record: string, field: string, type: AvroType) => (find: Find) => {
  const changing = fieldOf(find(record), field);
  changing.type = type;
  // A default of the old type would spoil the schema itself.
  const stillEmpty = changing.default === null && Array.isArray(type) && type.includes('null');
  if (!stillEmpty) delete changing.default;
};
const rename = (record: string) => (find: Find) => {
  find(record).name = 'Other';
};

/** What CI must refuse: with any of these, a reader of today could not read what lies in a clinic's topic. */
export const refusedChanges: readonly SchemaChange[] = [
  ['a field without default is added', (find) => find('RecordReceived').fields.push(required('added'))],
  ['… to a record inside', (find) => find('AppointmentDetails').fields.push(required('added'))],
  ['… to the items of a list', (find) => find('WeeklyRule').fields.push(required('added'))],
  ['… to a record that is used twice', (find) => find('NamedReference').fields.push(required('added'))],
  [
    'a field that has no default is renamed',
    (find) => {
      fieldOf(find('RecordReceived'), 'event_type').name = 'type';
    },
  ],
  ['text becomes a whole number', retype('RecordReceived', 'event_type', 'int')],
  ['text becomes a flag', retype('RecordReceived', 'kind', 'boolean')],
  ['text becomes a list of text', retype('RecordReceived', 'kind', { type: 'array', items: 'string' })],
  ['a time becomes text', retype('RecordReceived', 'received_at', 'string')],
  ['a time is kept in 32 bits', retype('RecordReceived', 'received_at', 'int')],
  ['an amount is kept in 32 bits', retype('AppointmentDetails', 'fee_minor', ['null', 'int'])],
  ['a number with a fraction becomes whole', retype('SentMessageDetails', 'cost_minor', ['null', 'long'])],
  [
    'a number with a fraction is kept in 32 bits',
    retype('SentMessageDetails', 'cost_minor', ['null', 'float']),
  ],
  ['a flag becomes text', retype('ScheduleException', 'available', 'string')],
  ['what may be missing must be there', retype('AppointmentDetails', 'reason', 'string')],
  ['what may be text may only be a number', retype('AppointmentDetails', 'reason', ['null', 'int'])],
  ['a list of text becomes a text', retype('RecordReceived', 'cleared', 'string')],
  ['the items of a list change', retype('RecordReceived', 'cleared', { type: 'array', items: 'long' })],
  ['a record becomes its JSON text', retype('RecordReceived', 'schedule', ['null', 'string'])],
  ['the record of the topic is renamed', rename('RecordReceived')],
  ['a record inside is renamed', rename('PatientIdentifier')],
];

/** What a release may do. */
export const allowedChanges: readonly SchemaChange[] = [
  ['nothing changes', () => undefined],
  [
    'a field with a default is added inside',
    (find) =>
      find('AppointmentDetails').fields.push({ name: 'added', type: ['null', 'string'], default: null }),
  ],
  [
    'a field goes',
    (find) => {
      find('AppointmentDetails').fields.pop();
    },
  ],
  ['a whole number becomes a wider one', retype('AppointmentDetails', 'late_minutes', ['null', 'long'])],
  ['what must be there may be missing', retype('RecordReceived', 'kind', ['null', 'string'])],
];

/** The schema of record.received.v1 as it would be after a change. */
export function changedSchema([, change]: SchemaChange): AvroRecord {
  const schema = loadSchema('record.received.v1');
  change((name) => {
    const found = recordIn(schema, name);
    if (!found) throw new Error(`there is no record ${name}`);
    return found;
  });
  return schema;
}

function recordIn(type: AvroType, name: string): AvroRecord | undefined {
  if (typeof type === 'string') return undefined;
  if (Array.isArray(type)) return firstOf(type, name);
  if (type.type === 'array') return recordIn(type.items, name);
  if (type.type !== 'record') return undefined;
  if (type.name === name) return type;
  return firstOf(
    type.fields.map((field) => field.type),
    name,
  );
}

function firstOf(types: readonly AvroType[], name: string): AvroRecord | undefined {
  return types.map((type) => recordIn(type, name)).find((found) => found !== undefined);
}
