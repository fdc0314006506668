import { randomUUID } from 'node:crypto';
import { loadSchema } from '@switchboard/schemas';
import { allowedChanges, changedSchema, refusedChanges } from '@switchboard/schemas/testing/schema-changes';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { registerSchemas } from './index.ts';
import { createRegistryClient } from './registry.ts';
import { subjectOf } from './topics.ts';

describe('the registry', () => {
  const prefix = `changes-${randomUUID()}.`;
  const registryUrl = inject('engines').schemaRegistry;
  const registry = createRegistryClient(registryUrl);
  const subject = subjectOf(prefix, 'record.received.v1');

  beforeAll(() => registerSchemas({ registryUrl, prefix }));

  it('refuses what the check without a registry refuses', async () => {
    const codes = refusedChanges.map(async (change) => {
      const registering = registry.register(subject, JSON.stringify(changedSchema(change)));
      return [
        change[0],
        await registering.then(
          () => 'taken',
          (error) => error.code,
        ),
      ];
    });
    expect(await Promise.all(codes)).toEqual(refusedChanges.map(([what]) => [what, 'schema_incompatible']));
    const current = JSON.stringify(loadSchema('record.received.v1'));
    expect(await registry.idOf(subject, current)).toBeGreaterThan(0);
  });

  it.each(allowedChanges)('takes it when %s', async (...change) => {
    const own = `${subject}-${randomUUID()}`;
    await registry.register(own, JSON.stringify(loadSchema('record.received.v1')));
    expect(await registry.register(own, JSON.stringify(changedSchema(change)))).toBeGreaterThan(0);
  });
});
