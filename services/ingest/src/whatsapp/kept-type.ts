import { isUuid } from '@switchboard/domain/ids';

const sendAtEnd = /; send=([0-9a-f-]{36})$/;

/** Content type under which a callback is set aside: with our send's id, which stood in its address and not in its body. */
export function keptType(contentType: string, sendId: string | null): string {
  return sendId !== null && isUuid(sendId) ? `${contentType}; send=${sendId.toLowerCase()}` : contentType;
}

/** Our send's id of a callback that was set aside. */
export function sendIdIn(contentType: string): string | null {
  return sendAtEnd.exec(contentType)?.[1] ?? null;
}
