import { createServer, type RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { createRegistryClient } from './registry.ts';

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
    await expect.poll(() => client.schemaOf(1).catch(() => undefined), { timeout: 5_000 }).toContain('"A"');
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
