import { SwitchboardError } from '@switchboard/platform';

const magicByte = 0;
/** How many bytes stand before the Avro bytes. */
export const headerBytes = 5;

/**
 * Confluent wire format: a zero byte, the schema's registry id (4 bytes, big-endian), the Avro bytes.
 * @param room {@link headerBytes} free bytes, then Avro; the same buffer is returned
 */
export function frame(schemaId: number, room: Buffer): Buffer {
  room.writeUInt8(magicByte, 0);
  room.writeUInt32BE(schemaId, 1);
  return room;
}

/** @throws SwitchboardError `not_avro` when the bytes are not in wire format. */
export function unframe(bytes: Buffer): { schemaId: number; avro: Buffer } {
  const schemaId = schemaIdOf(bytes);
  if (schemaId === null) throw new SwitchboardError('not_avro', 'the message is not in Avro wire format');
  return { schemaId, avro: bytes.subarray(headerBytes) };
}

/** The registry id that framed bytes name, null when they are not in wire format. */
export function schemaIdOf(bytes: Buffer): number | null {
  if (bytes.length < headerBytes || bytes.readUInt8(0) !== magicByte) return null;
  return bytes.readUInt32BE(1);
}
