import { randomUUID } from 'node:crypto';
import { createPool, type Pool } from '@switchboard/postgres';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { type FileServer, startFileServer } from '@switchboard/testkit/file-server';
import { runChild } from '@switchboard/testkit/run-child';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { FaultyRound } from '../testing/faulty-round.ts';
import { type MediaClinic, type MediaStand, makeMediaStand, masterKey } from '../testing/media-clinic.ts';

const photo = await sharp({ create: { width: 400, height: 300, channels: 3, background: '#3a3' } })
  .jpeg()
  .toBuffer();
const main = new URL('../testing/faulty-round.ts', import.meta.url);
const media = { kind: 'media' } as const;
const tidy = { kind: 'tidy', laterMs: 7_200_000 } as const;

let database: TestDatabase;
let sink: Pool;
let stand: MediaStand;
let server: FileServer;
let clinic: MediaClinic;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  sink = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test', max: 2 });
  stand = await makeMediaStand(database, sink);
  server = await startFileServer();
  server.serve('/photo.jpg', photo);
  clinic = await stand.addClinic();
});
afterAll(async () => {
  await server.close();
  await stand.remove();
  await sink.end();
  await database.drop();
});

const addPhoto = () => clinic.addMedia(`http://cdn.vendor.example:${server.port}/photo.jpg`, 'image/jpeg');

/** Works as a process of its own, which dies at the step, `name:times`; where none is given it comes to its end. */
async function work(kind: FaultyRound['work'], step?: string): Promise<void> {
  const input: FaultyRound = {
    work: kind,
    fault: step && `${step}:SIGKILL`,
    databaseUrl: database.urlAs('switchboard_sink'),
    root: stand.root,
    masterKey: masterKey.toString('base64'),
  };
  expect((await runChild(main, JSON.stringify(input))).signal).toBe(step ? 'SIGKILL' : null);
  // What it had claimed is another's at once.
  await clinic.run('UPDATE message_media SET next_attempt_at = now() WHERE tenant_id = $1');
  await clinic.run('UPDATE stored_files SET reading_at = now() WHERE tenant_id = $1');
}

/** Objects, and rows by their state. */
async function left() {
  const files = await clinic.files();
  const states = Object.entries(Object.groupBy(files, ({ state }) => state));
  const rows = Object.fromEntries(states.map(([state, some = []]) => [state, some.length]));
  return { objects: (await stand.objects(clinic.tenantId)).length, rows };
}

it('killed between any two effects on a file, what is left is each file once, whole, and no object without need', async () => {
  const message = await addPhoto();
  // The thumbnail is written, the view only noted.
  await work(media, 'file-noted:3');
  expect(await left()).toEqual({ objects: 2, rows: { stored: 1, writing: 2 } });
  await work(media, 'reading-made:1');
  expect(await left()).toEqual({ objects: 4, rows: { stored: 1, writing: 4 } });
  await work(media, 'reading-marked:1');
  expect(await left()).toEqual({ objects: 6, rows: { stored: 3, writing: 4 } });
  // The same content in another message is the same file.
  const again = await addPhoto();
  await work(media, 'file-removed:1');
  expect(await left()).toEqual({ objects: 6, rows: { stored: 3, writing: 4, removing: 1 } });
  await work(tidy, 'file-removed:1');
  expect((await left()).rows).toEqual({ stored: 3, removing: 5 });
  await work(tidy);

  expect(await left()).toEqual({ objects: 3, rows: { stored: 3 } });
  const files = await clinic.files();
  expect((await stand.objects(clinic.tenantId)).sort()).toEqual(files.map(({ id }) => id).sort());
  for (const one of [message, again]) expect(await clinic.bytes(await clinic.media(one))).toEqual(photo);
  for (const variant of ['thumbnail', 'view'] as const)
    expect((await clinic.bytes(await clinic.media(again, variant))).length).toBeGreaterThan(0);
}, 120_000);

it('killed while it erases a patient, and while it removes the patient’s files, it leaves neither row nor object', async () => {
  const patientId = randomUUID();
  await clinic.run(
    `WITH p AS (INSERT INTO patients (tenant_id, id, last_name, origin) VALUES ($1, $2, 'Rao', 'desk') RETURNING id)
     UPDATE conversations SET patient_id = p.id FROM p WHERE tenant_id = $1`,
    [patientId],
  );
  const [tenant] = await clinic.run<{ slug: string }>('SELECT slug FROM tenants WHERE id = $1');
  const erase = { kind: 'erase', slug: tenant?.slug ?? '', patientId } as const;
  const before = await left();
  await work(erase, 'erase-messages:1');
  expect(await left()).toEqual({ objects: before.objects, rows: { removing: before.objects } });
  await work(tidy, 'file-removed:1');
  expect(await left()).toEqual({ objects: before.objects - 1, rows: { removing: before.objects } });
  await work(erase);
  await work(tidy);
  expect(await left()).toEqual({ objects: 0, rows: {} });
  const states = await clinic.run(
    'SELECT DISTINCT state, source_url, sha256 FROM message_media WHERE tenant_id = $1',
  );
  expect(states).toEqual([{ state: 'expired', source_url: null, sha256: null }]);
  expect(
    await clinic.run('SELECT last_name FROM patients WHERE tenant_id = $1 AND erased_at IS NOT NULL'),
  ).toEqual([{ last_name: null }]);
}, 120_000);
