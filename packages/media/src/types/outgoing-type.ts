const mebibyte = 1024 * 1024;
const document = 'application/vnd.openxmlformats-officedocument';

/** What WhatsApp takes from Twilio, in bytes at most. @see https://www.twilio.com/docs/whatsapp/guidance-whatsapp-media-messages */
const limits = new Map<string, number>([
  ...['image/jpeg', 'image/png', 'image/webp'].map((type) => [type, 5 * mebibyte] as const),
  ...[
    ...['audio/ogg; codecs=opus', 'audio/amr', 'audio/aac', 'audio/mpeg', 'video/mp4', 'video/3gpp'],
    ...['application/pdf', `${document}.wordprocessingml.document`, `${document}.spreadsheetml.sheet`],
    `${document}.presentationml.presentation`,
  ].map((type) => [type, 16 * mebibyte] as const),
]);

/** Nothing that may go out is larger. */
export const mostOutgoingBytes = 16 * mebibyte;

/** How large a file of this type may be that goes out, bytes; undefined: none may. */
export function outgoingLimit(type: string): number | undefined {
  return limits.get(type);
}
