import { readdirSync, readFileSync } from 'node:fs';
import avro, { type Type } from 'avsc';
import { type AvroRecord, loadSchema, type TopicName } from './load.ts';

/** A schema that events in some clinic's topics may have been written with, and one such event. */
export interface ReleasedSchema {
  version: number;
  schema: AvroRecord;
  /** Avro bytes, base64, without the registry's header. */
  example: string;
}

const folder = new URL('./released/', import.meta.url);

/** Every released version of a topic's schema, oldest first. They are never changed or removed. */
export function releasedSchemas(topic: TopicName): ReleasedSchema[] {
  return readdirSync(new URL(`${topic}/`, folder))
    .map((file): ReleasedSchema => JSON.parse(readFileSync(new URL(`${topic}/${file}`, folder), 'utf8')))
    .sort((a, b) => a.version - b.version);
}

/**
 * What keeps readers of `schema` from reading events of `older` schemas: the versions, empty when all is well. This is
 * the registry's BACKWARD_TRANSITIVE, decided without a registry.
 */
export function unreadableVersions(schema: AvroRecord, older: readonly ReleasedSchema[]): number[] {
  const reader = compile(schema);
  return older.filter((release) => !canRead(reader, compile(release.schema))).map(({ version }) => version);
}

/** Reads an event of a released schema as the topic's present one. */
export function readReleased(topic: TopicName, { schema, example }: ReleasedSchema): unknown {
  const reader = compile(loadSchema(topic));
  return reader.fromBuffer(Buffer.from(example, 'base64'), reader.createResolver(compile(schema)));
}

/** An Avro type by its schema; avsc's own type of a schema is narrower than what avsc reads. */
export function compile(schema: AvroRecord): Type {
  return avro.Type.forSchema(JSON.parse(JSON.stringify(schema)));
}

function canRead(reader: Type, writer: Type): boolean {
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
}
