import { SwitchboardError } from '@switchboard/platform';
import { loadSchema, type TopicName } from '@switchboard/schemas';
import avro, { type Schema, type Type } from 'avsc';

const compiled = new Map<TopicName, Type>();

/** The compiled Avro type of a topic, as this version of the code knows it. */
export function avroType(topic: TopicName): Type {
  let type = compiled.get(topic);
  if (!type) {
    // avsc's own type of a schema is narrower than what avsc reads.
    type = avro.Type.forSchema(JSON.parse(JSON.stringify(loadSchema(topic))));
    compiled.set(topic, type);
  }
  return type;
}

/** Where values are written first: avsc's own place for it holds 1 KiB, and what is larger it writes twice. */
const scratch = Buffer.allocUnsafeSlow(128 * 1024);

/**
 * Serialises a value behind a head of `headBytes`, which the caller fills in.
 * @throws SwitchboardError `invalid_event`, naming the paths that are wrong, never their values
 */
export function encodeAvro(type: Type, value: unknown, headBytes = 0): Buffer {
  try {
    const end = type.encode(value, scratch, headBytes);
    if (end >= 0) return Buffer.from(scratch.subarray(0, end));
    const bytes = Buffer.allocUnsafe(scratch.length - end);
    type.encode(value, bytes, headBytes);
    return bytes;
  } catch {
    const paths: string[] = [];
    type.isValid(value, { errorHook: (path) => paths.push(path.join('.')) });
    throw new SwitchboardError('invalid_event', `not as the schema says at: ${paths.slice(0, 5).join(', ')}`);
  }
}

/**
 * How events written with the schema `writer` are read as `reader`. The function made throws SwitchboardError
 * `bad_payload`, without a value, on bytes that are not what the schema says.
 * @throws SwitchboardError `schema_mismatch` when the writer's schema cannot be read as the reader's.
 */
export function createReader(reader: Type, writer: Schema) {
  const resolver = resolverOf(reader, writer);
  return (avro: Buffer) => {
    try {
      return reader.fromBuffer(avro, resolver);
    } catch {
      throw new SwitchboardError('bad_payload', 'the bytes are not what their schema says');
    }
  };
}

/** avsc's own text quotes parts of schemas and values, so it goes no further. */
function resolverOf(reader: Type, writer: Schema) {
  try {
    return reader.createResolver(avro.Type.forSchema(writer));
  } catch {
    throw new SwitchboardError('schema_mismatch', 'the schema it was written with cannot be read as ours');
  }
}
