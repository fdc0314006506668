import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { createRegistryClient } from './registry.ts';

it('a registry behind a login that it does not have is told by its setting, without the password', async () => {
  // Like a proxy that asks for a login before the registry.
  const server = createServer((_, response) => response.writeHead(401).end('{"message":"who are you?"}'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  try {
    const client = createRegistryClient(`http://ann:hunter2@127.0.0.1:${port}/apis/ccompat/v7`);
    const schema = '{"type":"record","name":"A","namespace":"b","fields":[]}';
    const failure = await client.register('x-value', schema).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'registry_unavailable', retryable: true });
    expect(String(failure)).toContain('check user and password in SCHEMA_REGISTRY_URL');
    expect(String(failure)).not.toContain('hunter2');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
