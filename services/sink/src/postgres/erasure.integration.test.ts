import { randomUUID } from 'node:crypto';
import { recordEvent, somebody } from '@switchboard/domain/records/testing/record-factories';
import { agedKinds } from '@switchboard/postgres/erasure/aged-records';
import { emptyAged } from '@switchboard/postgres/erasure/empty-aged';
import { type EraseOptions, erasePatient } from '@switchboard/postgres/erasure/erase-patient';
import { eraseUnseen } from '@switchboard/postgres/erasure/erase-unseen';
import { erasedKinds } from '@switchboard/postgres/erasure/records-of-person';
import type { TenantSettings } from '@switchboard/postgres/tenants';
import { analysis, enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { messageEvent } from './messages/testing/message-events.ts';
import { writeMessagingEvents } from './messages/write-messaging-events.ts';
import { openRecordStand, type RecordStand } from './records/testing/record-stand.ts';
import { restateOlder } from './restate.ts';
import { writeEvents } from './write-events.ts';

/** What tells who somebody is, and what was said; each stands in many columns. */
const who = {
  name: 'Zqxjkvard',
  phone: '+919876501234',
  born: '1931-07-19',
  id: 'zqxjk-77',
  mail: 'zqxjk@mail.example',
};
const said = 'wortgeheim';
const other = { name: 'Xwvunter', phone: '+919876509999' };

const dayMs = 86_400_000;
const start = Date.now() - 20 * dayMs;

let stand: RecordStand;
let tenant: TenantSettings;
let patientId: string;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});
afterAll(() => stand.close());

const sql = (text: string, ...values: unknown[]) => stand.rows(text, tenant, ...values);
const idOf = async (text: string, ...values: unknown[]) => String((await sql(text, ...values))[0]?.id);

beforeEach(async () => {
  tenant = await stand.newTenant();
  await plant();
  patientId = await idOf('SELECT id FROM patients WHERE tenant_id = $1 AND external_id = $2', who.id);
});

/** A call in which a caller says and is all of it. */
const call = (contact: { name: string; phone: string }, day: number, parts: object = {}) => {
  const received = receivedEvent({
    tenant_id: tenant.tenantId,
    call: {
      from_number: contact.phone,
      started_at: start + day * dayMs,
      status: 'completed',
      transferred_to: who.phone,
    },
    transcript: {
      language: 'en',
      engine: null,
      turns: [
        {
          index: 0,
          speaker: 'caller',
          text: `${said} ${contact.name}`,
          start_ms: 0,
          end_ms: null,
          confidence: null,
        },
      ],
    },
    recording: {
      url: `https://rec.example/${said}.mp3`,
      format: null,
      duration_seconds: null,
      size_bytes: null,
      sha256: null,
      channels: null,
    },
    vendor_extraction: { intent: 'other', confidence: 1, entities: JSON.stringify({ said }) },
    summary: said,
    metadata: JSON.stringify({ said }),
    extra: JSON.stringify({ '/said': said }),
    ...parts,
  });
  const entity = { name: 'name', value: said, normalised: said, turn: 0, start: 0, end: 3, confidence: 1 };
  return {
    event: enrichedEvent(received, {
      contact_name: contact.name,
      contact_date_of_birth: who.born,
      analysis: analysis({ entities: [entity] }),
    }),
    traceparent: null,
  };
};

async function plant(): Promise<void> {
  const tell = (type: string, id: string, day: number, parts: object) =>
    recordEvent(type, id, {
      tenant_id: tenant.tenantId,
      occurred_at: start + day * dayMs,
      extra: JSON.stringify({ '/data/note': said }),
      ...parts,
    });
  const patient = somebody({ external_id: who.id, last_name: who.name, phones: [who.phone] });
  await stand.write(
    tenant,
    tell('patient.created', who.id, 0, {
      patient: {
        ...patient,
        first_name: who.name,
        date_of_birth: who.born,
        email: who.mail,
        identifiers: [{ system: 'mrn', value: who.id }],
      },
    }),
    tell('patient.created', 'twin', 0, { patient: { first_name: who.name, last_name: who.name } }),
    tell('patient.merged', 'twin', 1, { patient: { merged_into: who.id } }),
    tell('patient.created', 'P-2', 0, { patient: { first_name: other.name, phones: [other.phone] } }),
    tell('appointment.booked', 'A-1', 1, {
      appointment: {
        patient,
        start: start + 3 * dayMs,
        end: start + 3 * dayMs + 1_800_000,
        reason: said,
        notes: said,
      },
    }),
    tell('appointment.cancelled', 'A-1', 2, {
      appointment: { cancel_reason: said, cancelled_by: 'patient' },
    }),
    tell('appointment.booked', 'A-2', 1, {
      appointment: {
        patient: somebody({ external_id: 'P-2' }),
        start: start + 4 * dayMs,
        reason: other.name,
      },
    }),
    tell('journey.started', 'J-1', 1, { journey: { patient, reason: said, notes: said } }),
    tell('journey.step_completed', 'J-1', 2, { step: { external_id: 'S-1', name: 'Test', result: said } }),
    ...['STOP', said].map((body, at) =>
      tell('message.sent', `M-${at}`, 3 + at, {
        message: {
          direction: 'inbound',
          channel: 'whatsapp',
          from_address: who.phone,
          body,
          subject: said,
          conversation: who.phone,
        },
      }),
    ),
  );
  await writeEvents(stand.options, tenant, [call(who, 1), call(who, 2), call(other, 3)]);
  await plantByHand();
}

/** What no event brings. */
async function plantByHand(): Promise<void> {
  const talk = `SELECT id FROM conversations WHERE tenant_id = $1 AND channel = 'whatsapp'`;
  const message = `SELECT id FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'M-1'`;
  const visit = `SELECT id FROM appointments WHERE tenant_id = $1 AND external_id = 'A-1'`;
  const heard = `SELECT id, external_id FROM voice_calls WHERE tenant_id = $1 AND contact_phone = '${who.phone}' ORDER BY began_at LIMIT 1`;
  await sql(`UPDATE conversations SET contact_name = '${who.name}' WHERE tenant_id = $1 AND id IN (${talk})`);
  await sql(
    `INSERT INTO conversation_notes (tenant_id, id, conversation_id, body) SELECT $1, gen_random_uuid(), id, '${said}' FROM (${talk}) t`,
  );
  await sql(
    `INSERT INTO message_sends (tenant_id, message_id, conversation_id, state, template_variables)
     SELECT $1, id, conversation_id, 'sent', '{"1": "${said}"}' FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'M-1'`,
  );
  await sql(
    `INSERT INTO reply_suggestions (tenant_id, id, conversation_id, message_id, body, generator_version)
     SELECT $1, gen_random_uuid(), conversation_id, id, '${said}', '1' FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'M-1'`,
  );
  await sql(
    `INSERT INTO told_messages (tenant_id, source, external_id, said)
     SELECT $1, source, external_id, '{"body": "${said}"}' FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'M-1'`,
  );
  await sql(
    `INSERT INTO message_media (tenant_id, message_id, position, source_url) SELECT $1, id, 0, 'https://media.example/${said}' FROM (${message}) m`,
  );
  await sql(
    `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, answer, asked_for)
     SELECT $1, gen_random_uuid(), 'book-appointment', external_id, '${said}', true, 'BOOKED', 5, '{"spoken": "${said} ${who.name}"}', '${said}' FROM (${heard}) v`,
  );
  await sql(
    `INSERT INTO voice_tool_callers (tenant_id, call_ref, phone) VALUES ($1, 'elsewhere', '${who.phone}')`,
  );
  await sql(
    `INSERT INTO booking_requests (tenant_id, id, kind, channel, call_id, wanted)
     SELECT $1, gen_random_uuid(), 'book', 'voice', id, '{"name": "${who.name}", "said": "${said}"}' FROM (${heard}) v`,
  );
  await sql(
    `WITH e AS (INSERT INTO webhook_endpoints (tenant_id, id, url, sealed_secret) VALUES ($1, gen_random_uuid(), 'https://his.example', '\\x00') RETURNING id)
     INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_type, entity_id, entity_version, body)
     SELECT $1, gen_random_uuid(), e.id, 'appointment.booked', a.id, 1,
       '{"id": "x", "data": {"status": "scheduled", "patient": {"external_id": "${who.id}", "first_name": "${who.name}"}}}'
     FROM e, (${visit}) a`,
  );
  await sql(`UPDATE booking_requests SET created_at = now() - interval '10 days' WHERE tenant_id = $1`);
  await stand.restate(tenant);
}

/** In which tables any of these texts stands, in whatever column of whatever type. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const { rows } = await stand.database.admin.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
  );
  const patterns = texts.flatMap((text) => [`%${text}%`, `%${Buffer.from(text).toString('hex')}%`]);
  const found: string[] = [];
  for (const { name } of rows) {
    const hits = await sql(
      `SELECT FROM ${name} t WHERE tenant_id = $1 AND t::text ILIKE ANY ($2) LIMIT 1`,
      patterns,
    );
    if (hits.length > 0) found.push(name);
  }
  return found;
}

/** All that is stated, but who called and wrote; how many callers and contacts there are. */
async function numbers() {
  const statements = await sql(
    `SELECT kind, entity_id, basis, statement - '{caller,contact}'::text[] AS statement FROM fact_current
     WHERE tenant_id = $1 AND statement IS NOT NULL ORDER BY 1, 2, 3`,
  );
  const callers = await sql(
    `SELECT kind, count(DISTINCT coalesce(statement ->> 'caller', statement ->> 'contact')) AS n FROM fact_current
     WHERE tenant_id = $1 AND statement IS NOT NULL GROUP BY 1 ORDER BY 1`,
  );
  return { statements, callers };
}

const drift = () => stand.drift(tenant);

/** What was planted was so long ago. */
async function age(): Promise<void> {
  for (const table of ['appointments', 'voice_calls', 'conversations'])
    await sql(`UPDATE ${table} SET created_at = now() - interval '10 days' WHERE tenant_id = $1`);
}

/** Every order of these. */
const ordersOf = <T>(all: readonly T[]): T[][] =>
  all.length === 0
    ? [[]]
    : all.flatMap((one) => ordersOf(all.filter((other) => other !== one)).map((rest) => [one, ...rest]));

const erase = (more: Partial<EraseOptions> = {}) =>
  erasePatient(stand.options.pool, {
    tenant,
    patientId,
    by: { kind: 'system', id: 'test' },
    ...stand.options,
    ...more,
  });
const lines = async () => (await sql('SELECT count(*)::int AS n FROM outbox WHERE tenant_id = $1'))[0]?.n;

const address = 'sip:asha.rao@pbx.example';
const clinics = '+912240001234';
const directions = ['inbound', 'outbound'] as const;

/** An event of a call of the patient's, known by name and birth date, from or to an address that is no number. */
async function writeUnread(call_id: string, direction: 'inbound' | 'outbound', event_type: string) {
  const [from_number, to_number] = direction === 'inbound' ? [address, clinics] : [clinics, address];
  const parts = { direction, from_number, to_number, started_at: start + 2 * dayMs, status: 'completed' };
  const { event } = call({ ...who, name: `${who.name} ${who.name}` }, 2, {
    call_id,
    event_type,
    call: parts,
  });
  const candidates = [{ patient_id: patientId, score: 0.9, breakdown: '{}' }];
  await writeEvents(stand.options, tenant, [
    { event: { ...event, contact_phone: null, candidates }, traceparent: null },
  ]);
}

const sidesOf = async (id: string) =>
  (
    await sql(
      `SELECT patient_id, CASE direction WHEN 'inbound' THEN from_number ELSE to_number END AS theirs,
         CASE direction WHEN 'inbound' THEN to_number ELSE from_number END AS clinics
       FROM voice_calls WHERE tenant_id = $1 AND external_id = $2`,
      id,
    )
  )[0];

/** A pool that does something before each transaction. */
function interrupted(before: (transaction: number) => Promise<unknown>) {
  const { pool } = stand.options;
  let transactions = 0;
  return new Proxy(pool, {
    get: (target, name) => {
      if (name === 'query') return target.query.bind(target);
      if (name !== 'connect') return Reflect.get(target, name, target);
      return async () => {
        transactions += 1;
        await before(transactions);
        return target.connect();
      };
    },
  });
}

describe('a patient who is erased', () => {
  it('stands in no column of any table any more, and every number is as it was', async () => {
    const everything = [...Object.values(who), said];
    expect(await tablesWith(everything)).toEqual([
      'appointments',
      'booking_requests',
      'conversation_messages',
      'conversation_notes',
      'conversations',
      'message_media',
      'message_sends',
      'patient_identifiers',
      'patients',
      'record_states',
      'reply_suggestions',
      'told_messages',
      'voice_call_extractions',
      'voice_call_recordings',
      'voice_call_transcripts',
      'voice_calls',
      'voice_tool_callers',
      'voice_tool_uses',
      'webhook_deliveries',
    ]);
    const before = await numbers();
    expect(await drift()).toEqual({});
    // It dies in the middle, and is begun again.
    await stand.database.admin.query('REVOKE UPDATE ON booking_requests FROM switchboard_sink');
    await expect(erase()).rejects.toThrow();
    await stand.database.admin.query('GRANT UPDATE ON booking_requests TO switchboard_sink');
    expect(await erase()).toMatchObject({ appointments: 1, journeys: 1, requests: 1 });

    // The other patient's call said the same words, and was handed to the same number.
    const theirs = [
      'record_states',
      'voice_call_extractions',
      'voice_call_recordings',
      'voice_call_transcripts',
      'voice_calls',
    ];
    const left = await tablesWith(everything);
    expect(left.filter((name) => !theirs.includes(name))).toEqual([]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
    expect(await tablesWith([other.name])).toContain('patients');

    await erasePatient(stand.options.pool, {
      tenant,
      patientId: await idOf(`SELECT id FROM patients WHERE tenant_id = $1 AND external_id = 'P-2'`),
      by: { kind: 'system', id: 'test' },
      ...stand.options,
    });
    expect(await tablesWith([...everything, other.name, other.phone])).toEqual([]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
    const told = await lines();
    await erase();
    expect(await lines()).toBe(told);
    expect(
      await sql(`SELECT action, entity_id FROM audit_log WHERE tenant_id = $1 ORDER BY id LIMIT 1`),
    ).toEqual([{ action: 'patient.erase', entity_id: patientId }]);
  });

  const tell = (type: string, id: string, parts: object) =>
    recordEvent(type, id, { tenant_id: tenant.tenantId, occurred_at: start, ...parts });
  const cancelled = (id: string, patient: object) =>
    tell('appointment.cancelled', id, {
      appointment: { patient, reason: said, notes: said, cancel_reason: said },
      extra: JSON.stringify({ '/data/note': said }),
    });

  it('is gone from what was told of visits that nobody ever told the time of', async () => {
    await stand.write(
      tenant,
      cancelled('A-8', somebody({ external_id: who.id, last_name: who.name })),
      cancelled('A-9', somebody({ external_id: null, first_name: who.name, phones: [who.phone] })),
    );
    const states = (id: string) =>
      sql(
        `SELECT kind FROM record_states WHERE tenant_id = $1 AND external_id LIKE '%' || $2 AND state::text ~* $3`,
        id,
        `${said}|${who.name}|${who.id}|${who.phone.slice(1)}`,
      );
    const kinds = async (id: string) => (await states(id)).map(({ kind }) => kind).sort();
    expect(await kinds('A-8')).toEqual(['appointment']);
    expect(await kinds('A-9')).toEqual(['appointment', 'patient']);
    const unnumbered = await idOf(
      `SELECT entity_id AS id FROM record_states WHERE tenant_id = $1 AND external_id = 'of appointment A-9'`,
    );
    await erase();
    expect(await kinds('A-8')).toEqual([]);
    patientId = unnumbered;
    await erase();
    expect(await kinds('A-9')).toEqual([]);
    expect(await drift()).toEqual({});
  });

  it('is gone from what tools answered in a call of which no event came yet', async () => {
    await sql(
      `INSERT INTO voice_tool_uses (tenant_id, id, tool, call_ref, use_key, ok, code, latency_ms, answer)
       SELECT $1, gen_random_uuid(), 'book-appointment', 'elsewhere', key, false, 'SLOT_TAKEN', 5, $3::jsonb FROM unnest($2::text[]) AS key`,
      [`hash of ${who.name}`, 'book-appointment:id of the vendor'],
      JSON.stringify({ spoken: who.name }),
    );
    await erase();
    expect(await tablesWith([who.name])).toEqual([]);
    // A repeat by the vendor's id still gets an answer, and books nothing.
    expect(
      await sql(
        `SELECT answer FROM voice_tool_uses WHERE tenant_id = $1 AND use_key = 'book-appointment:id of the vendor'`,
      ),
    ).toEqual([{ answer: { ok: false, code: 'SLOT_TAKEN', spoken: '' } }]);
  });

  it.each(directions)(
    'has no address left in an %s call whose number could not be read',
    async (direction) => {
      const id = randomUUID();
      await writeUnread(id, direction, 'call.completed');
      expect(await sidesOf(id)).toMatchObject({ patient_id: patientId, theirs: address, clinics });
      await erase();
      expect(await tablesWith([address])).toEqual([]);
      await writeUnread(id, direction, 'call.analyzed');
      expect(await tablesWith([address])).toEqual([]);
      expect(await sidesOf(id)).toMatchObject({ patient_id: patientId, theirs: null, clinics });
      expect(await drift()).toEqual({});
      const told = await lines();
      await erase();
      expect(await lines()).toBe(told);
    },
  );

  it('is gone from a conversation of several people, and the others’ messages are not', async () => {
    const message = (id: string, patient: string, body: string, day: number) =>
      tell('message.sent', id, {
        occurred_at: start + day * dayMs,
        message: {
          ...{ direction: 'inbound', channel: 'email', from_address: 'family@mail.example', body },
          ...{ conversation: 'family', patient: somebody({ external_id: patient }) },
        },
      });
    await stand.write(tenant, message('M-8', who.id, said, 1), message('M-9', 'P-2', 'of somebody else', 2));
    await erase();
    const bodies = `SELECT external_id AS id, body FROM conversation_messages WHERE tenant_id = $1 AND external_id IN ('M-8', 'M-9') ORDER BY 1`;
    expect(await sql(bodies)).toEqual([
      { id: 'M-8', body: null },
      { id: 'M-9', body: 'of somebody else' },
    ]);
    const left = `SELECT external_id AS id FROM record_states WHERE tenant_id = $1 AND kind = 'message' AND state::text LIKE $2`;
    expect(await sql(left, `%${said}%`)).toEqual([]);
    expect(await sql(left, '%somebody else%')).toEqual([{ id: 'M-9' }]);
    expect(await drift()).toEqual({});
  });

  it('is somebody new for the clinic’s system and for the next call', async () => {
    await erase();
    await stand.write(
      tenant,
      recordEvent('appointment.completed', 'A-1', { tenant_id: tenant.tenantId, occurred_at: Date.now() }),
      recordEvent('patient.updated', who.id, {
        tenant_id: tenant.tenantId,
        patient: { first_name: 'New', phones: [who.phone] },
      }),
    );
    expect(
      await sql(
        `SELECT status, reason, patient_id FROM appointments WHERE tenant_id = $1 AND external_id = 'A-1'`,
      ),
    ).toEqual([{ status: 'completed', reason: null, patient_id: patientId }]);
    expect(
      await sql(
        'SELECT id <> $3 AS other FROM patients WHERE tenant_id = $1 AND external_id = $2',
        who.id,
        patientId,
      ),
    ).toEqual([{ other: true }]);
    expect(await drift()).toEqual({});
  });

  it('who calls all the while leaves nothing either', async () => {
    let calls = 0;
    const ofPatient = 'SELECT count(*)::int AS n FROM voice_calls WHERE tenant_id = $1 AND patient_id = $2';
    const planted = Number((await sql(ofPatient, patientId))[0]?.n);
    // The last one included.
    const called = interrupted(async (transaction) => {
      calls = transaction;
      await writeEvents(stand.options, tenant, [call(who, 10 + calls / 100)]);
    });
    await erasePatient(called, {
      ...stand.options,
      ...{ tenant, patientId, by: { kind: 'system', id: 'test' } },
    });
    expect(calls).toBeGreaterThan(erasedKinds.length);
    expect(await sql(`${ofPatient} AND contact_phone LIKE 'erased %'`, patientId)).toEqual([
      { n: planted + calls },
    ]);
    const theirs = ['record_states', 'voice_call_transcripts', 'voice_calls'];
    expect((await tablesWith([who.name, who.born])).filter((name) => !theirs.includes(name))).toEqual([]);
    expect(
      await sql(
        `SELECT t.text FROM voice_call_transcripts t JOIN voice_calls v ON v.tenant_id = $1 AND v.id = t.call_id
         WHERE t.tenant_id = $1 AND v.patient_id = $2 AND t.text <> ''`,
        patientId,
      ),
    ).toEqual([]);
    expect(await drift()).toEqual({});
  });

  it('is not filled in again by late events of old calls, in whatever order they come', async () => {
    const little = { transcript: null, recording: null, summary: null, metadata: null, extra: null };
    const { recording } = call(who, 5).event.event;
    const partsOf: Readonly<Record<string, object>> = {
      'call.started': little,
      'call.completed': { ...little, summary: said },
      'call.analyzed': { recording: null },
      'recording.ready': { ...little, recording },
    };
    const cases = ordersOf(Object.keys(partsOf)).flatMap((order) =>
      [1, 2, 3].map((cut) => ({ order, cut, id: randomUUID() })),
    );
    const write = (some: (one: (typeof cases)[number]) => readonly string[]) =>
      writeEvents(
        stand.options,
        tenant,
        cases.flatMap((one) =>
          some(one).map((event_type) =>
            call(who, 5, { ...partsOf[event_type], call_id: one.id, event_type }),
          ),
        ),
      );
    await write(({ order, cut }) => order.slice(0, cut));
    await erase();
    const others = await idOf(`SELECT id FROM patients WHERE tenant_id = $1 AND external_id = 'P-2'`);
    const by = { kind: 'system', id: 'test' } as const;
    await erasePatient(stand.options.pool, { tenant, patientId: others, by, ...stand.options });
    await write(({ order, cut }) => order.slice(cut));

    expect(await tablesWith([...Object.values(who), said])).toEqual([]);
    expect(await sql('SELECT FROM patients WHERE tenant_id = $1 AND erased_at IS NULL')).toEqual([]);
    expect(
      await sql(
        `SELECT DISTINCT v.status, v.caller_turns, v.patient_id, e.required_fields, r.state FROM voice_calls v
         JOIN voice_call_extractions e ON e.tenant_id = $1 AND e.call_id = v.id
         JOIN voice_call_recordings r ON r.tenant_id = $1 AND r.call_id = v.id
         WHERE v.tenant_id = $1 AND v.external_id = ANY ($2)`,
        cases.map(({ id }) => id),
      ),
    ).toEqual([
      { status: 'completed', caller_turns: 1, patient_id: patientId, required_fields: 4, state: 'expired' },
    ]);
    expect(
      await sql(
        `SELECT DISTINCT contact_phone LIKE 'erased %' AS gone FROM voice_calls WHERE tenant_id = $1`,
      ),
    ).toEqual([{ gone: true }]);
    expect(await drift()).toEqual({});
  });

  it('whose old records are told of all the while leaves nothing of that either', async () => {
    await age();
    const [old] = await sql(
      `SELECT external_id AS id FROM voice_calls WHERE tenant_id = $1 AND patient_id = $2 ORDER BY id LIMIT 1`,
      patientId,
    );
    const told = interrupted(async (transaction) => {
      await writeEvents(stand.options, tenant, [call(who, 2 + transaction / 100, { call_id: old?.id })]);
      const appointment = { reason: said, notes: `${transaction}` };
      await stand.write(tenant, tell('appointment.booked', 'A-1', { occurred_at: Date.now(), appointment }));
    });
    await erasePatient(told, { ...stand.options, tenant, patientId, by: { kind: 'system', id: 'test' } });
    const visit = 'SELECT status, reason FROM appointments WHERE tenant_id = $1 AND external_id = $2';
    expect(await sql(visit, 'A-1')).toEqual([{ status: 'scheduled', reason: null }]);
    expect(await tablesWith([who.name, who.id, who.mail])).toEqual([]);
    expect(
      await sql(
        `SELECT FROM record_states WHERE tenant_id = $1 AND state::text LIKE $2 AND kind <> 'patient' AND external_id <> 'A-2'`,
        `%${said}%`,
      ),
    ).toEqual([]);
  });

  it('has messages that a late edit, or other rules, do not fill in again', async () => {
    const message = (event_type: string, id: string, parts: object) => ({
      event: {
        ...messageEvent(
          tenant.tenantId,
          start + 6 * dayMs,
          { event_type, message_id: id, body: `${said} ${id}`, ...parts },
          {
            entities: [
              { name: 'name', value: said, normalised: said, turn: 0, start: 0, end: 3, confidence: 1 },
            ],
          },
          who.phone,
        ),
        event_id: randomUUID(),
      },
      traceparent: null,
    });
    const first = message('message.received', 'SM1', {});
    await writeMessagingEvents(stand.options, tenant, [first]);
    await erase();
    await writeMessagingEvents(stand.options, tenant, [
      message('message.edited', 'SM2', { target_message_id: 'SM1', occurred_at: start + 7 * dayMs }),
    ]);
    const texts = `SELECT body, entities, edited_at FROM conversation_messages WHERE tenant_id = $1 AND external_id = 'SM1'`;
    const edited = { body: null, entities: [], edited_at: new Date(start + 7 * dayMs) };
    expect(await sql(texts)).toEqual([edited]);
    await writeMessagingEvents(stand.options, tenant, [message('message.received', 'SM1', {})]);
    expect(await sql(texts)).toEqual([edited]);
    expect(await drift()).toEqual({});
  });

  it('is not told of again by what the clinic’s system said before, and is by what it says since', async () => {
    await erase();
    const patient = somebody({ external_id: who.id, last_name: who.name, phones: [who.phone] });
    const late = { occurred_at: start + 2.5 * dayMs };
    const visit = { patient, start: start + 5 * dayMs, reason: said, notes: said };
    await stand.write(
      tenant,
      tell('appointment.rescheduled', 'A-1', { ...late, appointment: visit }),
      tell('journey.step_completed', 'J-1', {
        ...late,
        journey: { patient, notes: said },
        step: { external_id: 'S-2', name: 'Scan', result: said },
      }),
      tell('message.sent', 'M-1', {
        occurred_at: start + 5 * dayMs,
        message: { direction: 'inbound', channel: 'whatsapp', from_address: who.phone, body: said },
      }),
    );
    const everything = [who.name, who.phone, who.id, who.mail];
    expect((await tablesWith(everything)).filter((name) => name !== 'voice_calls')).toEqual([]);
    expect(
      await sql(
        `SELECT DISTINCT kind FROM record_states WHERE tenant_id = $1 AND state::text LIKE $2 AND kind <> 'patient' AND external_id <> 'A-2'`,
        `%${said}%`,
      ),
    ).toEqual([]);
    expect(await sql(`SELECT FROM conversation_messages WHERE tenant_id = $1 AND body IS NOT NULL`)).toEqual(
      [],
    );
    const seen =
      'SELECT starts_at, reason, patient_id FROM appointments WHERE tenant_id = $1 AND external_id = $2';
    expect(await sql(seen, 'A-1')).toEqual([
      { starts_at: new Date(visit.start), reason: null, patient_id: patientId },
    ]);
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', { occurred_at: Date.now() + 1000, appointment: { reason: 'new' } }),
    );
    expect(await sql(seen, 'A-1')).toMatchObject([{ reason: 'new', patient_id: patientId }]);
    expect(await drift()).toEqual({});
  });

  it.each([3, erasedKinds.length + 2])(
    'before whose transaction %i another becomes one with them is erased with the other’s old records',
    async (at) => {
      await age();
      let last = 0;
      const joined = interrupted(async (transaction) => {
        last = transaction;
        if (transaction !== at) return;
        const merged = { tenant_id: tenant.tenantId, patient: { merged_into: who.id } };
        await stand.write(tenant, recordEvent('patient.merged', 'P-2', merged));
      });
      await erasePatient(joined, { ...stand.options, tenant, patientId, by: { kind: 'system', id: 'test' } });
      expect(last).toBeGreaterThan(at);
      expect(await tablesWith([...Object.values(who), other.name, other.phone, said])).toEqual([]);
      expect(await drift()).toEqual({});
    },
  );

  it('is gone wherever between two effects it dies, one death after the other', async () => {
    // A number that only one of their calls had, and a tool in a call of which no event came.
    const lent = '+919876500001';
    await sql(
      `UPDATE voice_calls SET contact_phone = $3 WHERE tenant_id = $1
         AND id = (SELECT id FROM voice_calls WHERE tenant_id = $1 AND patient_id = $2 ORDER BY began_at DESC LIMIT 1)`,
      patientId,
      lent,
    );
    await sql(
      `INSERT INTO voice_tool_callers (tenant_id, call_ref, phone) VALUES ($1, 'elsewhere', $2)`,
      lent,
    );
    await sql(`UPDATE fact_current SET zone = '' WHERE tenant_id = $1`);
    await restateOlder(stand.options, tenant.tenantId, new AbortController().signal);
    expect(await drift()).toEqual({});
    const before = await numbers();
    const reached: string[] = [];
    for (let ended = false; !ended; ) {
      let left = reached.length;
      const onStep = (step: string) => {
        left -= 1;
        if (left >= 0) return;
        reached.push(step);
        throw new Error('dies');
      };
      ended = await erase({ onStep }).then(
        () => true,
        (error) => {
          expect(error).toEqual(new Error('dies'));
          return false;
        },
      );
    }
    expect(reached).toEqual(['erase-begun', ...erasedKinds.map((kind) => `erase-${kind}`), 'erase-ended']);
    patientId = await idOf(`SELECT id FROM patients WHERE tenant_id = $1 AND external_id = 'P-2'`);
    await erase();
    expect(await tablesWith([...Object.values(who), other.name, other.phone, said, lent])).toEqual([]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
  });

  it('who is none is refused', async () => {
    const unknown = {
      tenant,
      patientId: randomUUID(),
      by: { kind: 'system', id: 'test' } as const,
      ...stand.options,
    };
    await expect(erasePatient(stand.options.pool, unknown)).rejects.toMatchObject({
      code: 'patient_unknown',
    });
  });
});

describe('what a clinic keeps no longer', () => {
  const keep = (days: Record<string, number>) =>
    sql('UPDATE tenants SET retention_days = $2 WHERE id = $1', JSON.stringify(days));
  const round = async () => {
    for (const kind of agedKinds)
      for (let place = await emptyAged(stand.options, tenant.tenantId, kind, undefined); place; )
        place = await emptyAged(stand.options, tenant.tenantId, kind, place);
  };

  it('is emptied by kind, and no number moves', async () => {
    const before = await numbers();
    await keep({ transcripts: 365, messages: 365, calls: 365, appointments: 365 });
    await round();
    expect((await tablesWith([said])).length).toBeGreaterThan(10);
    await keep({ transcripts: 5, messages: 5, calls: 5, appointments: 5 });
    await round();
    // What is told of patients and journeys has no limit; recordings end by their own.
    expect(await tablesWith([said])).toEqual(['record_states', 'voice_call_recordings']);
    expect(await tablesWith([who.name, who.phone])).toEqual([
      'patient_identifiers',
      'patients',
      'record_states',
      'voice_tool_callers',
    ]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
    const told = await lines();
    await round();
    expect(await lines()).toBe(told);
  });

  it('is of a journey once it is over, and of a patient once nothing was heard of them', async () => {
    const before = await numbers();
    const erased = async () => {
      for (let place = await eraseUnseen(stand.options, tenant.tenantId, undefined); place; )
        place = await eraseUnseen(stand.options, tenant.tenantId, place);
      const rows = await sql('SELECT id FROM patients WHERE tenant_id = $1 AND erased_at IS NOT NULL');
      return rows.map(({ id }) => id);
    };
    const ofJourneys = () =>
      sql(
        `SELECT kind FROM record_states WHERE tenant_id = $1 AND kind IN ('journey', 'step') AND state::text LIKE $2 ORDER BY 1`,
        `%${said}%`,
      );
    await keep({ journeys: 5 });
    await sql(`UPDATE journey_steps SET due_at = now() + interval '1 day' WHERE tenant_id = $1`);
    await round();
    expect(await ofJourneys()).toEqual([{ kind: 'journey' }, { kind: 'step' }]);
    await sql(`UPDATE journey_steps SET due_at = NULL WHERE tenant_id = $1`);
    await round();
    expect(await ofJourneys()).toEqual([]);

    await keep({ patients: 5 });
    expect(await erased()).toEqual([]);
    // The trigger would say that they were told of just now.
    await stand.database.admin.query(
      `SET session_replication_role = replica; UPDATE patients SET updated_at = now() - interval '10 days' WHERE tenant_id = '${tenant.tenantId}';
       RESET session_replication_role`,
    );
    for (const heard of [
      `UPDATE appointments SET starts_at = starts_at + $2::interval, ends_at = ends_at + $2::interval WHERE tenant_id = $1`,
      `UPDATE voice_calls SET began_at = began_at + $2::interval WHERE tenant_id = $1`,
      `UPDATE conversations SET last_message_at = coalesce(last_message_at, began_at) + $2::interval WHERE tenant_id = $1 AND channel = 'whatsapp'`,
      `UPDATE journeys SET started_at = started_at + $2::interval WHERE tenant_id = $1`,
    ]) {
      await sql(heard, '20 days');
      expect(await erased()).not.toContain(patientId);
      await sql(heard, '-20 days');
    }
    await sql('UPDATE tenants SET retention_days = $2 WHERE id = $1', '{}');
    expect(await erased()).not.toContain(patientId);
    await keep({ patients: 5 });
    // Whoever is half erased when it dies is found again.
    const onStep = (step: string) => {
      if (step === 'erase-messages') throw new Error('dies');
    };
    await expect(eraseUnseen({ ...stand.options, onStep }, tenant.tenantId, undefined)).rejects.toThrow(
      'dies',
    );
    expect(await erased()).toContain(patientId);
    expect(await tablesWith([who.name, who.phone, who.id, who.mail])).toEqual([]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
    const told = await lines();
    await erased();
    expect(await lines()).toBe(told);
  });

  it('is not of a patient who is heard of after it was looked for, while another is erased', async () => {
    await keep({ patients: 5 });
    // The trigger would say that they were told of just now.
    await stand.database.admin.query(
      `SET session_replication_role = replica; UPDATE patients SET updated_at = now() - interval '10 days' WHERE tenant_id = '${tenant.tenantId}';
       RESET session_replication_role`,
    );
    const left = () =>
      sql(
        'SELECT external_id, first_name FROM patients WHERE tenant_id = $1 AND erased_at IS NULL AND merged_into IS NULL',
      );
    expect(await left()).toHaveLength(2);
    const spared: unknown[] = [];
    const onStep = async (step: string) => {
      if (step !== 'erase-ended' || spared.length > 0) return;
      spared.push(...(await left()));
      const appointment = {
        patient: somebody({ external_id: String((await left())[0]?.external_id) }),
        start: Date.now() + dayMs,
      };
      const booked = { tenant_id: tenant.tenantId, occurred_at: Date.now(), appointment };
      await stand.write(tenant, recordEvent('appointment.booked', 'A-9', booked));
    };
    await eraseUnseen({ ...stand.options, onStep }, tenant.tenantId, undefined);
    expect(spared).toHaveLength(1);
    expect(await left()).toEqual(spared);
    expect(await drift()).toEqual({});
  });

  it('is not filled in again by what comes late of it', async () => {
    const late = [randomUUID(), randomUUID()];
    const write = (event_type: string) =>
      writeEvents(
        stand.options,
        tenant,
        late.map((call_id) => call(other, 3, { call_id, event_type })),
      );
    await write('call.started');
    await keep({ transcripts: 5, calls: 5 });
    await round();
    await write('call.analyzed');
    expect(
      await sql(
        `SELECT DISTINCT summary, contact_name, contact_date_of_birth, caller_turns, contact_phone LIKE 'erased %' AS gone
         FROM voice_calls WHERE tenant_id = $1 AND external_id = ANY ($2)`,
        late,
      ),
    ).toEqual([
      { summary: null, contact_name: null, contact_date_of_birth: null, caller_turns: 1, gone: true },
    ]);
    expect(await sql('SELECT FROM voice_call_transcripts WHERE tenant_id = $1')).toEqual([]);
    expect(await drift()).toEqual({});
  });

  it.each(directions)(
    'is the address of an %s call whose number could not be read, too',
    async (direction) => {
      const id = randomUUID();
      await writeUnread(id, direction, 'call.completed');
      await keep({ calls: 5 });
      await round();
      expect(await tablesWith([address])).toEqual([]);
      await writeUnread(id, direction, 'call.analyzed');
      expect(await tablesWith([address])).toEqual([]);
      expect(await sidesOf(id)).toMatchObject({ theirs: null, clinics });
      expect(await drift()).toEqual({});
    },
  );

  it('leaves the number of who still calls', async () => {
    await writeEvents(stand.options, tenant, [call(who, 19)]);
    const before = await numbers();
    await keep({ calls: 5 });
    await round();
    expect(
      await sql(
        `SELECT contact_phone LIKE 'erased %' AS gone, count(*)::int AS n FROM voice_calls WHERE tenant_id = $1 GROUP BY 1 ORDER BY 1`,
      ),
    ).toEqual([
      { gone: false, n: 3 },
      { gone: true, n: 1 },
    ]);
    expect(await numbers()).toEqual(before);
    expect(await drift()).toEqual({});
  });
});
