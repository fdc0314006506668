import { loadSchema, type TopicName } from '@switchboard/schemas';
import { avroType, createReader, encodeAvro } from './avro.ts';
import { createKnown } from './known.ts';
import { createRegistryClient } from './registry.ts';
import { createSchemaCache } from './schema-cache.ts';
import { subjectOf, topicOf } from './topics.ts';
import { frame, headerBytes, unframe } from './wire-format.ts';

export interface CodecOptions {
  /** Confluent-compatible base, e.g. `http://127.0.0.1:8081/apis/ccompat/v7`. */
  registryUrl: string;
  /** Of topic names, e.g. `switchboard.`. */
  prefix: string;
  /** Where schema ids are kept, so that a process can start and go on while the registry is away. */
  cacheDir: string;
}

/** Events to bytes and back, Avro in Confluent's wire format. Topics are named with or without prefix. */
export interface Codec {
  /**
   * Looks up the schema ids of topics to be written, so that the first event need not wait; and once more each schema for want
   * of which an event could not be read. Whoever asks it again and again is told while events wait for the registry.
   * @throws SwitchboardError `registry_unavailable` when neither registry nor disk knows one, `schema_not_registered`; both retryable
   */
  prepare(topics: readonly TopicName[]): Promise<void>;
  /** @throws SwitchboardError `invalid_event` (paths only), and what {@link Codec.prepare} throws */
  encode<T>(topic: string, value: T): Promise<Buffer>;
  /**
   * Reads an event written with this schema or any that ours can read.
   * @throws SwitchboardError `not_avro`, `unknown_schema`, `schema_mismatch`, `bad_payload`: poison, none carries a value;
   * `registry_unavailable`: retryable
   */
  decode<T>(topic: string, bytes: Buffer): Promise<T>;
}

type Reader = ReturnType<typeof createReader>;

/** Makes no request before it is used. */
export function createCodec(options: CodecOptions): Codec {
  const registry = createRegistryClient(options.registryUrl);
  const cache = createSchemaCache(options.cacheDir, options.registryUrl);
  const readers = new Map<TopicName, Map<string, Reader>>();

  const ids = createKnown<TopicName, number>((topic) => {
    const subject = subjectOf(options.prefix, topic);
    const schema = JSON.stringify(loadSchema(topic));
    return {
      ask: () => registry.idOf(subject, schema),
      remembered: () => cache.readId(subject, schema),
      remember: (id) => cache.writeId(subject, schema, id),
    };
  });

  const writerSchemas = createKnown<number, string>((id) => ({
    ask: () => registry.schemaOf(id),
    remembered: () => cache.readSchema(id),
    remember: (schema) => cache.writeSchema(id, schema),
  }));

  function readerFor(topic: TopicName, schema: string) {
    const ofTopic = readers.get(topic) ?? new Map<string, Reader>();
    readers.set(topic, ofTopic);
    const reader = ofTopic.get(schema) ?? createReader(avroType(topic), JSON.parse(schema));
    ofTopic.set(schema, reader);
    return reader;
  }

  return {
    async prepare(topics) {
      await Promise.all([...topics.map((topic) => ids.find(topic)), writerSchemas.findMissing()]);
    },
    async encode(name, value) {
      const topic = topicOf(options.prefix, name);
      const room = encodeAvro(avroType(topic), value, headerBytes);
      return frame(ids.get(topic) ?? (await ids.find(topic)), room);
    },
    async decode(name, bytes) {
      const topic = topicOf(options.prefix, name);
      const { schemaId, avro } = unframe(bytes);
      const schema = writerSchemas.get(schemaId) ?? (await writerSchemas.find(schemaId));
      return readerFor(topic, schema)(avro);
    },
  };
}
