import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { allAnswered, createPool, lockTenant, withTenant } from './pool.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
});
afterAll(() => database?.drop());

it('who freezes while an answer comes keeps the clinic’s lock from others for seconds, not for good', async () => {
  const tenant = await database.addTenant();
  // No time-out of the driver's ends it: that of a frozen process would not either.
  const options = { url: database.urlAs('switchboard_sink'), prepare: true, statementTimeoutMs: 120_000 };
  const frozen = createPool({ ...options, applicationName: 'frozen' });
  const waiting = createPool({ ...options, applicationName: 'waiting', statementTimeoutMs: 60_000 });
  const held = Promise.withResolvers<{ destroy(): unknown }>();
  const lost = withTenant(frozen, tenant, async (client) => {
    await lockTenant(client, tenant);
    await allAnswered(client);
    client.connection.stream.pause();
    held.resolve(client.connection.stream);
    await client.query(`SELECT repeat('x', 1000) FROM generate_series(1, 300000)`);
  });
  const ended = expect(lost).rejects.toThrow();
  const stream = await held.promise;
  await withTenant(waiting, tenant, async (client) => {
    await lockTenant(client, tenant);
    await allAnswered(client);
  });
  stream.destroy();
  await ended;
  await Promise.all([frozen.end(), waiting.end()]);
});
