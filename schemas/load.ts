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
export const topicNames = ['voice-call.received.v1', 'voice-call.enriched.v1', 'dead-letter.v1'] as const;
export type TopicName = (typeof topicNames)[number];

/**
 * The Avro schema of a topic, whole: a record that another topic's file defines is put in place of its first
 * mention, since a registry knows nothing of our other files.
 */
export function loadSchema(topic: TopicName): AvroRecord {
  const record = readRecord(topic);
  const shared = new Map<string, AvroRecord>();
  if (topic === 'voice-call.enriched.v1')
    shared.set('VoiceCallReceived', readRecord('voice-call.received.v1'));
  return {
    ...record,
    fields: record.fields.map((field) => ({ ...field, type: inline(field.type, shared) })),
  };
}

/** Dotted paths of every field marked `phi` in a topic's schema, arrays as `[]`. */
export function phiPaths(topic: TopicName): string[] {
  return collectPhi(loadSchema(topic), '');
}

function readRecord(topic: TopicName): AvroRecord {
  return JSON.parse(readFileSync(new URL(`./${topic}.avsc`, import.meta.url), 'utf8'));
}

function inline(type: AvroType, shared: Map<string, AvroRecord>): AvroType {
  if (typeof type !== 'string') return type;
  const record = shared.get(type);
  shared.delete(type);
  return record ?? type;
}

function collectPhi(type: AvroType, path: string): string[] {
  if (typeof type === 'string') return [];
  if (Array.isArray(type)) return type.flatMap((member) => collectPhi(member, path));
  if (type.type === 'array') return collectPhi(type.items, `${path}[]`);
  if (type.type !== 'record') return [];
  return type.fields.flatMap((field) => {
    const at = path ? `${path}.${field.name}` : field.name;
    return field.phi ? [at] : collectPhi(field.type, at);
  });
}
