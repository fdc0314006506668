import { expect, it } from 'vitest';
import { isOutgoingAddress, outgoingAddress, outgoingForMs } from './outgoing-address.ts';

const key = Buffer.alloc(32, 1);
const now = Date.parse('2026-11-20T10:00:00Z');
const file = {
  tenantId: '0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e5f',
  messageId: '0190f3c1-5c0a-7d1e-9a55-3f6f1c2d4e60',
  position: 0,
};

it('opens the one file that it was made for, for an hour, by the key alone that made it', () => {
  const url = new URL(outgoingAddress(key, 'https://api.clinic.example/sb/', file, now));
  expect(url.pathname).toBe(`/sb/api/v1/outgoing-media/${file.tenantId}/${file.messageId}/0`);
  const given = {
    expires: Number(url.searchParams.get('expires')),
    signature: url.searchParams.get('signature') ?? '',
  };
  expect(isOutgoingAddress(key, file, given, now + outgoingForMs - 1_000)).toBe(true);
  expect(isOutgoingAddress(key, file, given, now + outgoingForMs + 1_000)).toBe(false);
  expect(isOutgoingAddress(Buffer.alloc(32, 2), file, given, now)).toBe(false);
  for (const other of [{ position: 1 }, { messageId: file.tenantId }, { tenantId: file.messageId }])
    expect(isOutgoingAddress(key, { ...file, ...other }, given, now)).toBe(false);
  for (const wrong of [{ expires: given.expires + 1 }, { signature: '' }, { signature: 'zz' }])
    expect(isOutgoingAddress(key, file, { ...given, ...wrong }, now)).toBe(false);
});
