import { topicNames } from '@switchboard/schemas';
import { avroType } from './avro.ts';
import { isAvroType } from './avro-content.ts';
import { unframe } from './wire-format.ts';

/** A dead letter's original, for a person to read. */
export interface Original {
  encoding: 'utf8' | 'base64';
  body: string;
  /** What the bytes say where they are Avro of our present schema, byte for byte; else null. */
  event: unknown;
}

/** @param topic without prefix; null: it was on none */
export function readOriginal(contentType: string, topic: string | null, bytes: Buffer): Original {
  if (isAvroType(contentType))
    return { encoding: 'base64', body: bytes.toString('base64'), event: decode(topic, bytes) };
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(bytes);
  return {
    encoding: isText ? 'utf8' : 'base64',
    body: isText ? text : bytes.toString('base64'),
    event: null,
  };
}

/** Another schema's bytes may happen to be readable with ours: what is read must give the same bytes again. */
function decode(name: string | null, bytes: Buffer): unknown {
  const topic = topicNames.find((one) => one === name);
  if (!topic) return null;
  try {
    const { avro } = unframe(bytes);
    const event: unknown = avroType(topic).fromBuffer(avro);
    return avroType(topic).toBuffer(event).equals(avro) ? event : null;
  } catch {
    return null;
  }
}
