import { readFileSync } from 'node:fs';

/** A field of an Avro record; `phi` marks what may identify or describe a patient: the one list of PHI. */
export interface AvroField {
  name: string;
  type: AvroType;
  phi?: boolean;
  doc?: string;
  default?: unknown;
}
export interface AvroRecord {
  type: 'record';
  name: string;
  namespace?: string;
  doc?: string;
  fields: AvroField[];
}
export interface AvroArray {
  type: 'array';
  items: AvroType;
}
export interface AvroLogical {
  type: 'long' | 'string' | 'int';
  logicalType: string;
}
export type AvroType = string | AvroRecord | AvroArray | AvroLogical | AvroType[];

/** Topics without prefix; each has a schema file of its name. */
export const topicNames = [
  'voice-call.received.v1',
  'voice-call.enriched.v1',
  'message.received.v1',
  'message.enriched.v1',
  'record.received.v1',
  'record.import.v1',
  'dead-letter.v1',
] as const;
export type TopicName = (typeof topicNames)[number];

/**
 * The Avro schema of a topic, whole: a record that another topic's file defines is put in place of its first
 * mention, since a registry knows nothing of our other files.
 */
export function loadSchema(topic: TopicName): AvroRecord {
  const record = readRecord(topic);
  const defined = new Set([...recordsIn(record)].map(({ name }) => name));
  return { ...record, fields: inlineFields(record.fields, defined) };
}

/** Dotted paths of every field marked `phi` in a topic's schema, arrays as `[]`. */
export function phiPaths(topic: TopicName): string[] {
  const schema = loadSchema(topic);
  const records = new Map([...recordsIn(schema)].map((record) => [record.name, record]));
  return collectPhi(schema, '', records);
}

function readRecord(topic: TopicName): AvroRecord {
  return JSON.parse(readFileSync(new URL(`./${topic}.avsc`, import.meta.url), 'utf8'));
}

/** Every record that a type defines, itself first. */
function* recordsIn(type: AvroType): Generator<AvroRecord> {
  if (typeof type === 'string') return;
  if (Array.isArray(type)) {
    for (const member of type) yield* recordsIn(member);
  } else if (type.type === 'array') {
    yield* recordsIn(type.items);
  } else if (type.type === 'record') {
    yield type;
    for (const field of type.fields) yield* recordsIn(field.type);
  }
}

/** By name, what any topic's file defines; read once, when a file first names what it does not define. */
let everyRecord: Map<string, AvroRecord> | undefined;

function recordNamed(name: string): AvroRecord | undefined {
  everyRecord ??= new Map(
    topicNames.flatMap((topic) => [...recordsIn(readRecord(topic))].map((record) => [record.name, record])),
  );
  return everyRecord.get(name);
}

function inlineFields(fields: readonly AvroField[], defined: Set<string>): AvroField[] {
  return fields.map((field) => ({ ...field, type: inline(field.type, defined) }));
}

function inline(type: AvroType, defined: Set<string>): AvroType {
  if (Array.isArray(type)) return type.map((member) => inline(member, defined));
  if (typeof type === 'string') {
    const record = defined.has(type) ? undefined : recordNamed(type);
    if (!record) return type;
    for (const { name } of recordsIn(record)) defined.add(name);
    return { ...record, fields: inlineFields(record.fields, defined) };
  }
  if (type.type === 'array') return { ...type, items: inline(type.items, defined) };
  if (type.type !== 'record') return type;
  return { ...type, fields: inlineFields(type.fields, defined) };
}

function collectPhi(type: AvroType, path: string, records: ReadonlyMap<string, AvroRecord>): string[] {
  if (typeof type === 'string') {
    const record = records.get(type);
    return record ? collectPhi(record, path, records) : [];
  }
  if (Array.isArray(type)) return type.flatMap((member) => collectPhi(member, path, records));
  if (type.type === 'array') return collectPhi(type.items, `${path}[]`, records);
  if (type.type !== 'record') return [];
  return type.fields.flatMap((field) => {
    const at = path ? `${path}.${field.name}` : field.name;
    return field.phi ? [at] : collectPhi(field.type, at, records);
  });
}
