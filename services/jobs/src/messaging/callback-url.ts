export interface CallbackOptions {
  /** Where Twilio reaches ingest; undefined: nowhere. */
  publicUrl: string | undefined;
  apiUrl: string;
}

/**
 * Where Twilio tells how far a message got; it carries our id, since it may be told before Twilio's is known here.
 * @returns undefined where Twilio can't reach ingest, as on a developer's machine: it would refuse the whole message
 */
export function callbackUrl(
  { publicUrl, apiUrl }: CallbackOptions,
  tenantId: string,
  messageId: string,
): string | undefined {
  if (publicUrl === undefined || (isOfThisMachine(publicUrl) && !isOfThisMachine(apiUrl))) return undefined;
  const url = new URL(publicUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/whatsapp/webhook/${tenantId}`;
  url.searchParams.set('send', messageId);
  return url.href;
}

function isOfThisMachine(address: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(address).hostname);
}
