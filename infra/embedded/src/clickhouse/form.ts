import type { IncomingMessage } from 'node:http';
import type { Body } from './body.ts';
import { exception } from './exception.ts';

/**
 * Reads a `multipart/form-data` body, in which clients send parameters that are too long for a URL.
 *
 * @returns undefined when the body isn't a form
 * @throws ClickHouseException 229 when the form is too long, 48 for files (external tables), 36 when it doesn't parse.
 */
export async function readForm(
  request: IncomingMessage,
  body: Body,
): Promise<ReadonlyArray<readonly [name: string, value: string]> | undefined> {
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data/i.test(type)) return undefined;
  if (!body.complete) throw exception(229, 'QUERY_IS_TOO_LARGE', 'The form is too long');
  const fields = await parse(type, body.head);
  return fields.map(([name, value]) => {
    if (typeof value === 'string') return [name, value] as const;
    throw exception(48, 'NOT_IMPLEMENTED', 'External tables are not supported');
  });
}

async function parse(type: string, bytes: Buffer): Promise<ReadonlyArray<[string, unknown]>> {
  try {
    return [...(await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData())];
  } catch {
    throw exception(36, 'BAD_ARGUMENTS', 'The form cannot be parsed');
  }
}
