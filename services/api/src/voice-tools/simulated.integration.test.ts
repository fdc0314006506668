import { seedClinic, seededTenantId } from '@switchboard/start/seed-clinic';
import { clinicOfMany } from '@switchboard/testkit/simulate/clinics';
import { createLiveCalls, needsTools } from '@switchboard/testkit/simulate/live-calls';
import { withPeople } from '@switchboard/testkit/simulate/people';
import { plots } from '@switchboard/testkit/simulate/plots';
import type { WebhookBody } from '@switchboard/testkit/simulate/webhook-body';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { testKey } from '../testing/api-stack.ts';
import { type ApiClinic, startApiClinic } from '../testing/clinic.ts';

const { seeded, simulated } = clinicOfMany(2);
/** Monday, before the clinic opens: what is free does not change between asking and booking. */
const now = Date.parse('2026-11-30T06:00:00Z');
const toolsKey = `sb_${'5'.repeat(12)}_${'6'.repeat(64)}`;
let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'), { now: () => now });
  await seedClinic(clinic.database.adminUrl, seeded, {
    secretsKey: testKey,
    webhookSecret: 'whsec_c2ltdWxhdGVk',
    twilioAuthToken: '7'.repeat(32),
    apiKey: `sb_${'8'.repeat(12)}_${'9'.repeat(64)}`,
    voiceAgentApiKey: toolsKey,
    loginPassword: 'a password of theirs',
  });
});
afterAll(() => clinic?.stop());

test('a simulated voice agent books, moves and cancels by the tools, and its webhooks tell just that', async () => {
  const live = createLiveCalls({
    seed: 5,
    startAt: now,
    clinic: withPeople(simulated, 30),
    tools: { url: `${clinic.url}/api/v1/voice/tools`, key: toolsKey },
  });
  const told: WebhookBody[] = [];
  for (const outcome of [...Array(6).fill('booked'), 'rescheduled', 'cancelled', 'cancelled']) {
    const plot = plots.find((one) => one.outcome === outcome && needsTools(one));
    if (!plot) throw new RangeError(`no plot ends ${outcome}`);
    const begun: WebhookBody[] = [];
    const ended = await live.next(plot, async (body) => void begun.push(body));
    expect(begun.map(({ event }) => event)).toEqual(['call.started']);
    expect(ended.map(({ event }) => event)).not.toContain('call.started');
    told.push(...ended.filter(({ event }) => event === 'call.completed'));
  }
  const done = (tool: string) =>
    told.flatMap(({ tool_calls: uses }) => uses?.filter(({ name, ok }) => ok && name === tool) ?? []).length;
  expect([done('book-appointment'), done('reschedule-appointment'), done('cancel-appointment')]).toEqual([
    6, 1, 2,
  ]);

  const { rows } = await clinic.database.admin.query<{ status: string; moved: boolean; n: number }>(
    `SELECT status, moves > 0 AS moved, count(*)::int AS n FROM appointments WHERE tenant_id = $1 AND channel = 'voice'
     GROUP BY 1, 2 ORDER BY 1, 2`,
    [seededTenantId(seeded.slug)],
  );
  expect(rows.reduce((sum, { n }) => sum + n, 0)).toBe(6);
  expect(rows.filter(({ status }) => status === 'cancelled').reduce((sum, { n }) => sum + n, 0)).toBe(2);
  expect(rows.filter(({ moved }) => moved).reduce((sum, { n }) => sum + n, 0)).toBe(1);
});
