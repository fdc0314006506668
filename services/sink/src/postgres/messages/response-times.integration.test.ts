import { randomUUID } from 'node:crypto';
import { bucketOf } from '@switchboard/domain/histogram';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import { createRandom } from '@switchboard/testkit/simulate/random';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openRecordStand, type RecordStand } from '../records/testing/record-stand.ts';
import { messageEvent } from './testing/message-events.ts';
import { writeMessagingEvents } from './write-messaging-events.ts';

type Hours = Record<string, [string, string][]>;

const minute = 60_000;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

/** Minutes of a span in which a clinic is open, each looked up on the wall clock; the slow way. Whole minutes only. */
function openMs(hours: Hours, zone: string, from: number, to: number): number {
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  let open = 0;
  for (let at = from; at < to; at += minute) {
    const parts = new Map(wall.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = String(weekdays.indexOf(parts.get('weekday') ?? '') + 1);
    const time = `${parts.get('hour')}:${parts.get('minute')}`;
    if ((hours[day] ?? []).some(([begins, ends]) => begins <= time && time < ends)) open += minute;
  }
  return open;
}

interface Said {
  at: number;
  by: 'patient' | 'user' | 'failed';
}

/** What a thread says of response times, by the words of the metrics. */
function recount(said: readonly Said[], resolvedAt: number, spans: (from: number, to: number) => number[]) {
  const asked = said.find(({ by }) => by === 'patient');
  const first = said.find(({ by, at }) => by === 'user' && asked !== undefined && at >= asked.at);
  const replies = said.flatMap(({ by, at }, place) => {
    if (by !== 'user') return [];
    const before = said.slice(0, place);
    const waiting = before
      .slice(before.findLastIndex((one) => one.by === 'user') + 1)
      .find((one) => one.by === 'patient');
    return waiting ? [spans(waiting.at, at)] : [];
  });
  const began = said[0]?.at ?? resolvedAt;
  return {
    replies,
    response: asked && first ? spans(asked.at, first.at).map((ms) => [bucketOf(ms)]) : [[], []],
    resolution: spans(began, resolvedAt).map((ms) => [bucketOf(ms)]),
  };
}

const shops: Hours = Object.fromEntries(
  ['1', '2', '3', '4', '5'].map((day) => [
    day,
    [
      ['09:00', '13:00'],
      ['14:00', '17:30'],
    ] as [string, string][],
  ]),
);
const late: Hours = { '1': [['12:00', '23:30']], '6': [['08:15', '12:45']], '7': [['00:00', '24:00']] };

it.each([
  // Around the days on which clocks change there.
  ['Asia/Kolkata', shops, '2026-11-20T00:00:00Z'],
  ['America/New_York', late, '2026-10-30T00:00:00Z'],
  ['Europe/Berlin', { ...shops, '7': [['01:30', '04:30']] }, '2026-03-27T00:00:00Z'],
] satisfies [string, Hours, string][])(
  'first response, replies and resolution in %s are those of a recount minute by minute, in clock and in business hours',
  async (timeZone, hours, begins) => {
    const id = await stand.database.addTenant({ timeZone });
    await stand.database.admin.query('UPDATE tenants SET business_hours = $2 WHERE id = $1', [id, hours]);
    const tenant = (await loadTenantSettings(stand.options.pool, [id])).get(id);
    if (!tenant) throw new Error('the tenant was just made');
    const random = createRandom(timeZone.length);
    const spans = (from: number, to: number) => [to - from, openMs(hours, timeZone, from, to)];
    const wanted = new Map<string, ReturnType<typeof recount>>();
    for (let index = 0; index < 12; index += 1) {
      const phone = `+9198123460${10 + index}`;
      let at = Date.parse(begins) + random.between(0, 1_000) * minute;
      const said: Said[] = [{ at, by: 'patient' }];
      for (let count = random.between(1, 6); count > 0; count -= 1) {
        at += random.between(1, 900) * minute;
        said.push({ at, by: random.pick(['patient', 'user', 'user', 'failed']) });
      }
      await tell(tenant, phone, said, at + 77 * minute);
      wanted.set(phone, recount(said, at + 77 * minute, spans));
    }
    await stand.restate(tenant);
    expect(await stated(tenant)).toEqual(wanted);
    expect(await stand.drift(tenant)).toEqual({});
  },
);

/** A patient's messages come as events; what staff wrote, and that it was resolved, stands as the API leaves it. */
async function tell(
  tenant: TenantSettings,
  phone: string,
  said: readonly Said[],
  resolvedAt: number,
): Promise<void> {
  const { tenantId } = tenant;
  const events = said
    .filter(({ by }) => by === 'patient')
    .map(({ at }) =>
      messageEvent(tenantId, at, { message_id: `SM${randomUUID()}`, body: 'Hello' }, null, phone),
    );
  await writeMessagingEvents(
    stand.options,
    tenant,
    events.map((event) => ({ event, traceparent: null })),
  );
  const { admin } = stand.database;
  for (const { at, by } of said)
    if (by !== 'patient')
      await admin.query(
        `INSERT INTO conversation_messages (tenant_id, id, conversation_id, direction, sender_kind, body, status, sent_at, source)
         SELECT $1, $2, id, 'outbound', 'user', 'Yes', $3, $4, 'switchboard' FROM conversations WHERE tenant_id = $1 AND contact_phone = $5`,
        [tenantId, randomUUID(), by === 'failed' ? 'failed' : 'delivered', new Date(at), phone],
      );
  await admin.query(
    `UPDATE conversations SET state = 'resolved', resolved_at = $3 WHERE tenant_id = $1 AND contact_phone = $2`,
    [tenantId, phone, new Date(resolvedAt)],
  );
}

/** The same from the facts. */
async function stated(tenant: TenantSettings): Promise<Map<string, ReturnType<typeof recount>>> {
  const rows = await stand.rows(
    `SELECT c.contact_phone AS phone,
       (SELECT coalesce(json_agg(json_build_array((f.statement ->> 'reply_ms')::bigint, (f.statement ->> 'reply_business_ms')::bigint) ORDER BY m.sent_at), '[]')
        FROM conversation_messages m JOIN fact_current f ON f.tenant_id = $1 AND f.kind = 'message' AND f.entity_id = m.id
        WHERE m.tenant_id = $1 AND m.conversation_id = c.id AND (f.statement ->> 'reply_n')::int = 1) AS replies,
       json_build_array(b.statement -> 'first_response_ms_hist', b.statement -> 'first_response_business_ms_hist') AS response,
       json_build_array(r.statement -> 'resolution_ms_hist', r.statement -> 'resolution_business_ms_hist') AS resolution
     FROM conversations c
     JOIN fact_current b ON b.tenant_id = $1 AND b.kind = 'conversation' AND b.entity_id = c.id AND b.basis = 'created'
     JOIN fact_current r ON r.tenant_id = $1 AND r.kind = 'conversation' AND r.entity_id = c.id AND r.basis = 'resolved'
     WHERE c.tenant_id = $1`,
    tenant,
  );
  return new Map(rows.map(({ phone, ...numbers }) => [String(phone), JSON.parse(JSON.stringify(numbers))]));
}
