import { createServer, type RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { createRegistryClient } from './registry.ts';
import { restoreSchemas, saveSchemas } from './saved-schemas.ts';

it('a registry behind a login that it does not have is told by its setting, without the password', async () => {
  // Like a proxy that asks for a login before the registry.
  const answer: RequestListener = (_, response) => response.writeHead(401).end('{"message":"who are you?"}');
  await withRegistry(answer, async (port) => {
    const client = createRegistryClient(`http://ann:hunter2@127.0.0.1:${port}/apis/ccompat/v7`);
    const schema = '{"type":"record","name":"A","namespace":"b","fields":[]}';
    const failure = await client.register('x-value', schema).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'registry_unavailable', retryable: true });
    expect(String(failure)).toContain('check user and password in SCHEMA_REGISTRY_URL');
    expect(String(failure)).not.toContain('hunter2');
  });
});

it('a request that is never answered is given up, and later ones of the same id are', async () => {
  let silent = 2;
  const answer: RequestListener = (_, response) => {
    silent -= 1;
    if (silent < 0) response.end('{"schema":"{\\"type\\":\\"record\\",\\"name\\":\\"A\\",\\"fields\\":[]}"}');
  };
  await withRegistry(answer, async (port) => {
    const client = createRegistryClient(`http://127.0.0.1:${port}`, 100);
    await expect(client.schemaOf(1)).rejects.toMatchObject({ code: 'registry_unavailable' });
    await expect.poll(() => client.schemaOf(1).catch(() => undefined)).toContain('"A"');
  });
});

const saved = { subject: 'x-value', version: 1, id: 7, schema: '"string"' };

it('schemas are saved and restored at a registry behind a login, whose user is an address', async () => {
  const login = `Basic ${Buffer.from('ann@clinic.example:hunter 2').toString('base64')}`;
  const answers = new Map<string, unknown>([
    ['GET /ccompat/subjects', [saved.subject, 'another-value']],
    ['GET /ccompat/subjects/x-value/versions', [1]],
    ['GET /ccompat/subjects/x-value/versions/1', saved],
    ['POST /ccompat/subjects/x-value/versions', { id: saved.id }],
  ]);
  const answer: RequestListener = ({ method, url, headers }, response) => {
    const status = headers.authorization === login ? 200 : 401;
    response.writeHead(status).end(JSON.stringify(answers.get(`${method} ${url}`)));
  };
  await withRegistry(answer, async (port) => {
    const url = `http://ann%40clinic.example:hunter%202@127.0.0.1:${port}/ccompat/`;
    const schemas = await saveSchemas(url, 'x');
    expect(schemas).toEqual([saved]);
    expect(await restoreSchemas(url, schemas)).toEqual([]);
  });
});

it('a backup whose registry refuses its login names the setting, and nothing of it holds the password', async () => {
  const answer: RequestListener = (_, response) => response.writeHead(403).end();
  await withRegistry(answer, async (port) => {
    const failure = await saveSchemas(`http://ann:hunter2@127.0.0.1:${port}`, 'x').catch((error) => error);
    expect(failure).toMatchObject({ code: 'registry_unavailable', retryable: true });
    expect(String(failure)).toContain('check user and password in SCHEMA_REGISTRY_URL');
    expect(inspect(failure)).not.toContain('hunter2');
  });
});

async function withRegistry(answer: RequestListener, work: (port: number) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  try {
    await work(typeof address === 'object' && address ? address.port : 0);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
