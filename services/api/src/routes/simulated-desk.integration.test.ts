import { randomUUID } from 'node:crypto';
import { createDeskClient } from '@switchboard/testkit/simulate/desk/desk-client';
import { createFrontDesk } from '@switchboard/testkit/simulate/desk/front-desk';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { password } from '../testing/api-stack.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';
import { storeCall } from '../testing/store-call.ts';
import { storeConversation } from '../testing/store-conversation.ts';

let clinic: ApiClinic;
const hourMs = 3_600_000;

beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
});
afterAll(() => clinic?.stop());

const frontDesk = () =>
  createFrontDesk({
    client: createDeskClient({ url: `${clinic.url}/api/v1`, email: 'agent@clinic.example', password }),
    seed: 1,
    now: Date.now,
  });

/** A chat whose last word was said so long ago. */
async function chat(phone: string, direction: 'inbound' | 'outbound', body: string, minutesAgo: number) {
  const row = await storeConversation(clinic.database, clinic.tenantId, { phone });
  await row.add({ body: 'Are you open?', minutesAgo: minutesAgo + 10 });
  await row.add({ direction, body, minutesAgo });
  return row.id;
}

test('the simulated desk resolves what was answered and is quiet, when it was, and leaves who waits', async () => {
  const answered = await chat('+919700000001', 'outbound', 'Yes, until eight.', 30);
  const thanks = await chat('+919700000002', 'inbound', 'Thank you!', 40);
  const old = await chat('+919700000003', 'inbound', 'And tomorrow?', 2_000);
  await chat('+919700000004', 'inbound', 'And tomorrow?', 50);
  await chat('+919700000005', 'outbound', 'Yes, until eight.', 1);
  const desk = frontDesk();
  const said = await desk.lastSaid(Date.now() - 30 * 24 * hourMs);
  expect(Math.round((Date.now() - (said.get('+919700000003') ?? 0)) / 60_000)).toBe(2_000);
  expect(await desk.workThrough(Date.now() - 5 * 60_000)).toMatchObject({ resolved: 3 });
  const rows = await clinic.run<{ id: string; sane: boolean }>(
    `SELECT id, resolved_at >= last_message_at AND resolved_at <= now() AS sane FROM conversations
     WHERE tenant_id = $1 AND state = 'resolved' ORDER BY last_message_at DESC`,
  );
  expect(rows).toEqual([answered, thanks, old].map((id) => ({ id, sane: true })));
  expect(await desk.workThrough(Date.now() - 5 * 60_000)).toMatchObject({ resolved: 0 });
});

test('and closes what calls asked for before, and what is over', async () => {
  const ask = async (startedAt: number, expiresAt: number) => {
    const id = randomUUID();
    const call = await storeCall(clinic.database, clinic.tenantId, new Date(startedAt).toISOString());
    await clinic.run(
      `INSERT INTO booking_requests (tenant_id, id, kind, channel, call_id, reason, expires_at)
       VALUES ($1, $2, 'book', 'voice', $3, 'time_unclear', $4)`,
      [id, call.id, new Date(expiresAt)],
    );
    return id;
  };
  const now = Date.now();
  await ask(now - 50 * hourMs, now - hourMs);
  await ask(now - 30 * hourMs, now + hourMs);
  const fresh = await ask(now - hourMs, now + hourMs);
  expect(await frontDesk().workThrough(now - 24 * hourMs)).toMatchObject({ closed: 2 });
  expect(await clinic.run(`SELECT id FROM booking_requests WHERE tenant_id = $1 AND state = 'open'`)).toEqual(
    [{ id: fresh }],
  );
});
