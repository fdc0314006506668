import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLetter } from '@switchboard/schemas';
import { type FaultProxy, startProxyBefore } from '@switchboard/testkit/fault-proxy';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createCodec, registerSchemas } from './index.ts';
import { frame } from './wire-format.ts';

const letter: DeadLetter = {
  dead_letter_id: randomUUID(),
  tenant_id: null,
  stage: 'ingest',
  reason: 'not_json',
  detail: null,
  source: 'zoice',
  topic: null,
  event_id: null,
  call_id: null,
  message_key: null,
  schema_id: null,
  content_type: 'text/plain',
  sealed: Buffer.from('sealed'),
  attempts: 1,
  first_at: 1,
  last_at: 2,
  replay_id: null,
};

describe('codec with a registry', () => {
  const prefix = `codec-${randomUUID()}.`;
  const registry = inject('engines').schemaRegistry;
  let cacheDir: string;
  let registryUrl: string;
  /** The way to the registry. */
  let proxy: FaultProxy;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'switchboard-codec-'));
    await registerSchemas({ registryUrl: registry, prefix });
    const made = await startProxyBefore(registry);
    proxy = made;
    registryUrl = made.url;
  });
  afterAll(async () => {
    await proxy.stop();
    await rm(cacheDir, { recursive: true, force: true });
  });

  const codec = (dir = cacheDir) => createCodec({ registryUrl, prefix, cacheDir: dir });

  it('registers twice without a change', async () => {
    const before = await codec().encode('dead-letter.v1', letter);
    await registerSchemas({ registryUrl: registry, prefix });
    expect(await codec().encode('dead-letter.v1', letter)).toEqual(before);
  });

  it('gives back what it was given, by short and by full topic name', async () => {
    const bytes = await codec().encode('dead-letter.v1', letter);
    expect(await codec().decode<DeadLetter>(`${prefix}dead-letter.v1`, bytes)).toEqual(letter);
  });

  it('starts and works while the registry is away, from what it kept', async () => {
    const bytes = await codec().encode('dead-letter.v1', letter);
    await codec().decode('dead-letter.v1', bytes);
    proxy.refuse(true);
    proxy.cut();
    try {
      const offline = codec();
      await offline.prepare(['dead-letter.v1']);
      expect(await offline.encode('dead-letter.v1', letter)).toEqual(bytes);
      expect(await offline.decode<DeadLetter>('dead-letter.v1', bytes)).toEqual(letter);
      const nothingKept = codec(join(cacheDir, 'empty'));
      const passing = { code: 'registry_unavailable', retryable: true };
      await expect(nothingKept.encode('dead-letter.v1', letter)).rejects.toMatchObject(passing);
      await expect(nothingKept.decode('dead-letter.v1', bytes)).rejects.toMatchObject(passing);
    } finally {
      proxy.heal();
    }
  });

  it('is not prepared while an event waits for its schema, though it knows what it writes', async () => {
    const bytes = await codec().encode('dead-letter.v1', letter);
    const reader = codec(join(cacheDir, 'reader'));
    await reader.prepare(['dead-letter.v1']);
    proxy.refuse(true);
    proxy.cut();
    try {
      await reader.prepare(['dead-letter.v1']);
      const passing = { code: 'registry_unavailable' };
      await expect(reader.decode('dead-letter.v1', bytes)).rejects.toMatchObject(passing);
      await expect(reader.prepare(['dead-letter.v1'])).rejects.toMatchObject(passing);
    } finally {
      proxy.heal();
    }
    await expect
      .poll(() => reader.prepare(['dead-letter.v1']).then(() => 'prepared', String))
      .toBe('prepared');
    expect(await reader.decode<DeadLetter>('dead-letter.v1', bytes)).toEqual(letter);
  });

  it('tells poison from what passes', async () => {
    const bytes = await codec().encode('dead-letter.v1', letter);
    const decode = (topic: string, poison: Buffer) => codec().decode(topic, poison);
    const poison = (code: string) => ({ code, retryable: false });
    await expect(decode('dead-letter.v1', Buffer.from('{}'))).rejects.toMatchObject(poison('not_avro'));
    await expect(decode('dead-letter.v1', frame(999_999, Buffer.from(bytes)))).rejects.toMatchObject(
      poison('unknown_schema'),
    );
    await expect(decode('dead-letter.v1', bytes.subarray(0, 9))).rejects.toMatchObject(poison('bad_payload'));
    await expect(decode('voice-call.received.v1', bytes)).rejects.toMatchObject(poison('schema_mismatch'));
  });

  it('waits for schemas that are not registered yet', async () => {
    const early = createCodec({ registryUrl, prefix: `early-${randomUUID()}.`, cacheDir });
    const encoded = early.encode('dead-letter.v1', letter);
    await expect(encoded).rejects.toMatchObject({ code: 'schema_not_registered', retryable: true });
  });
});
