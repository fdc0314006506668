import { signZoice } from '@switchboard/testkit/signing';

/** A body of a finished call; its event id tells it from others. */
export function callBody(eventId: string, overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event: 'call.completed',
    event_id: eventId,
    call: { id: `call-of-${eventId}`, direction: 'inbound', from: '+919812345678' },
    ...overrides,
  };
}

/** Signs as Zoice does. `at`: Unix seconds. */
export function zoiceHeaders(
  secret: string,
  body: Buffer | string,
  at: number = Math.floor(Date.now() / 1000),
): Record<string, string> {
  return { ...signZoice(secret, body, at) };
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
  text: string;
  ms: number;
}

export async function post(
  url: string,
  body: RequestInit['body'],
  headers: Record<string, string>,
): Promise<Answer> {
  return answerOf(url, { method: 'POST', headers, body });
}

export async function answerOf(url: string, init: RequestInit = {}): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: parseObject(text),
    text,
    ms: performance.now() - startedAt,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
