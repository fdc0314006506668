import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { type Certificates, makeCertificates } from '@switchboard/testkit/certificates';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { urlsOf } from '../engine-urls.ts';
import { askClickHouse } from './ask-clickhouse.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates.remove());

test('a ClickHouse of one’s own is asked over TLS by its authority, in the database that is configured', async () => {
  const { key, certificate, authority, stranger } = certificates;
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(certificate) },
    (request, response) => {
      const { url, headers } = request;
      void text(request).then((sql) => response.end([url, headers['x-clickhouse-user'], sql].join(' ')));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const login = { url: `https://127.0.0.1:${port}`, user: 'me', password: 'secret', database: 'other' };
  const asking = async (caFile: string) => {
    const { clickhouse } = urlsOf({ clickhouse: { ...login, caFile, analyst: login } });
    return clickhouse && askClickHouse(clickhouse, 'SELECT 1', 'TSV');
  };
  try {
    const asked = await asking(authority);
    expect(asked?.status).toBe(200);
    expect(asked && (await text(asked.answer))).toBe('/?database=other&default_format=TSV me SELECT 1');
    await expect(asking(stranger)).rejects.toThrow(/certificate/);
  } finally {
    server.close();
  }
});
