import { isUuid } from '@switchboard/domain/ids';
import { startFault } from '@switchboard/domain/scheduling/slots';

/** What a slot's id stands for: nothing is stored of a slot that was only read out. */
export interface SlotName {
  practitionerId: string;
  /** Null: the clinic has no kinds of visits. */
  typeId: string | null;
  /** Unix ms, whole minutes. */
  from: number;
  /** Undefined: nobody asked for a place. */
  locationId?: string | undefined;
}

const minuteMs = 60_000;
const none = '00000000-0000-0000-0000-000000000000';
/** Bytes of an id without a place, and with one. */
const [anywhere, withPlace] = [36, 52];

export function toSlotId({ practitionerId, typeId, from, locationId }: SlotName): string {
  const bytes = Buffer.alloc(locationId === undefined ? anywhere : withPlace);
  bytes.write(practitionerId.replaceAll('-', ''), 0, 'hex');
  bytes.write((typeId ?? none).replaceAll('-', ''), 16, 'hex');
  bytes.writeUInt32BE(Math.floor(from / minuteMs), 32);
  if (locationId !== undefined) bytes.write(locationId.replaceAll('-', ''), anywhere, 'hex');
  return bytes.toString('base64url');
}

/** Undefined: it is none of ours. */
export function readSlotId(slotId: string): SlotName | undefined {
  const bytes = Buffer.from(slotId, 'base64url');
  if (![anywhere, withPlace].includes(bytes.length) || bytes.toString('base64url') !== slotId)
    return undefined;
  const [practitionerId, typeId] = [uuidAt(bytes, 0), uuidAt(bytes, 16)];
  const locationId = bytes.length === withPlace ? uuidAt(bytes, anywhere) : undefined;
  const from = bytes.readUInt32BE(32) * minuteMs;
  if (!isUuid(practitionerId) || startFault(from) !== null) return undefined;
  return { practitionerId, typeId: typeId === none ? null : typeId, from, locationId };
}

function uuidAt(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
