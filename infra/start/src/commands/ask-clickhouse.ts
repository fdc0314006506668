import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { EngineUrls } from '../engine-urls.ts';

/**
 * Posts a statement to ClickHouse as the services reach it: their user, database and authorities.
 *
 * @returns the answer as it comes; its status is 200 unless it says what is wrong
 */
export async function askClickHouse(
  { url, user, password, database = 'switchboard', caFile }: EngineUrls['clickhouse'],
  sql: string,
  format: string,
): Promise<{ status: number | undefined; answer: IncomingMessage }> {
  const to = new URL(url);
  to.searchParams.set('database', database);
  to.searchParams.set('default_format', format);
  const options = { method: 'POST', headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password } };
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  return new Promise((resolve, reject) => {
    const heard = (answer: IncomingMessage) => resolve({ status: answer.statusCode, answer });
    const request =
      to.protocol === 'https:'
        ? httpsRequest(to, { ...options, ca }, heard)
        : httpRequest(to, options, heard);
    request.once('error', reject);
    request.end(sql);
  });
}
