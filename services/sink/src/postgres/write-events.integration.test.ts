import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { createPool, type Pool, withTenant } from '@switchboard/postgres';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import { loadFactRecords } from '@switchboard/postgres/voice/fact-records';
import type { VoiceCallEnriched } from '@switchboard/schemas';
import { createTestDatabase, type TestDatabase } from '@switchboard/testkit/database';
import { analysis, enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type WriteOptions, writeEvents } from './write-events.ts';

let database: TestDatabase;
let pool: Pool;
let options: WriteOptions;

beforeAll(async () => {
  database = await createTestDatabase(inject('engines').postgresAdmin);
  pool = createPool({
    url: database.urlAs('switchboard_sink'),
    applicationName: 'test-sink',
    prepare: true,
  });
  options = { pool, pseudonymKey: Buffer.alloc(32, 7), now: Date.now };
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const phone = '+919812345678';
const start = Date.parse('2026-11-20T05:00:00Z');
const day = 86_400_000;

async function newTenant(): Promise<TenantSettings> {
  const id = await database.addTenant();
  const tenant = (await loadTenantSettings(pool, [id])).get(id);
  if (!tenant) throw new Error('the tenant was just made');
  return tenant;
}

/** @returns how many were new */
async function write(tenant: TenantSettings, events: readonly VoiceCallEnriched[]): Promise<number> {
  const written = await writeEvents(
    options,
    tenant,
    events.map((event) => ({ event, traceparent: null })),
  );
  return written.length;
}

async function addPatient(
  tenant: TenantSettings,
  first: string,
  last: string,
  phones: string[],
): Promise<string> {
  const { rows } = await database.admin.query<{ id: string }>(
    `INSERT INTO patients (tenant_id, id, first_name, last_name, origin) VALUES ($1, gen_random_uuid(), $2, $3, 'desk') RETURNING id`,
    [tenant.tenantId, first, last],
  );
  const id = rows[0]?.id ?? '';
  for (const value of phones) {
    await database.admin.query(
      `INSERT INTO patient_identifiers (tenant_id, patient_id, kind, value) VALUES ($1, $2, 'phone', $3)`,
      [tenant.tenantId, id, value],
    );
  }
  return id;
}

const query = async (sql: string, tenant: TenantSettings) =>
  (await database.admin.query(sql, [tenant.tenantId])).rows;

/** All that the events left behind, without ids that are drawn anew and times of writing. */
async function endState(tenant: TenantSettings) {
  return {
    calls: await query(
      `SELECT to_jsonb(c) - '{id,tenant_id,patient_id,original_patient_id,conversation_id,created_at,updated_at}'::text[] AS call,
         p.first_name, p.last_name, p.date_of_birth, v.state, v.contact_phone, d.decision, d.score
       FROM voice_calls c LEFT JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
       LEFT JOIN conversations v ON v.tenant_id = $1 AND v.id = c.conversation_id
       LEFT JOIN match_decisions d ON d.tenant_id = $1 AND d.entity_id = c.id
       WHERE c.tenant_id = $1 ORDER BY c.external_id`,
      tenant,
    ),
    patients: await query(
      `SELECT first_name, last_name, date_of_birth, origin, ARRAY (SELECT value FROM patient_identifiers i WHERE i.tenant_id = $1 AND i.patient_id = p.id ORDER BY 1) AS phones
       FROM patients p WHERE tenant_id = $1 ORDER BY 1, 2, 3, 5`,
      tenant,
    ),
    turns: await query(
      'SELECT turn_index, speaker, text FROM voice_call_transcripts WHERE tenant_id = $1 ORDER BY 1',
      tenant,
    ),
    extractions: await query(
      'SELECT intent, sentiment, event_id, entities FROM voice_call_extractions WHERE tenant_id = $1',
      tenant,
    ),
    recordings: await query(
      'SELECT source_url, duration_seconds FROM voice_call_recordings WHERE tenant_id = $1',
      tenant,
    ),
    tools: await query(
      'SELECT position, name, ok FROM voice_tool_calls WHERE tenant_id = $1 ORDER BY 1',
      tenant,
    ),
    facts: await query(
      `SELECT statement - '{patient_id,caller,contact}'::text[] AS statement FROM fact_current WHERE tenant_id = $1 ORDER BY kind DESC, 1`,
      tenant,
    ),
    sums: await query(
      `SELECT line::jsonb - '{event_id,sign,entity_id,tenant_id,patient_id,caller,contact}'::text[] AS fact, sum(sign) FROM outbox WHERE tenant_id = $1 GROUP BY 1 HAVING sum(sign) <> 0 ORDER BY 1`,
      tenant,
    ),
  };
}

describe('one new caller', () => {
  it('becomes a call, a patient, a conversation and a fact', async () => {
    const tenant = await newTenant();
    const event = receivedEvent({
      tenant_id: tenant.tenantId,
      call: { from_number: phone, started_at: start, duration_seconds: 61, status: 'completed' },
      transcript: {
        language: 'en',
        engine: null,
        turns: [{ index: 0, speaker: 'caller', text: 'Hello', start_ms: 0, end_ms: null, confidence: null }],
      },
    });
    expect(await write(tenant, [enrichedEvent(event, { contact_name: 'Asha Rao' })])).toBe(1);
    const state = await endState(tenant);
    expect(state.calls).toHaveLength(1);
    expect(state.patients).toEqual([
      { first_name: 'Asha', last_name: 'Rao', date_of_birth: null, origin: 'voice', phones: [phone] },
    ]);
    expect(state.facts[0].statement).toMatchObject({
      local_date: '2026-11-20',
      local_hour: 10,
      connected: 1,
      talk_ms: 61_000,
      identified: 1,
    });
  });

  it('who calls twice at once is one patient', async () => {
    const tenant = await newTenant();
    const events = Array.from({ length: 8 }, () =>
      enrichedEvent(
        receivedEvent({
          tenant_id: tenant.tenantId,
          call: { from_number: phone, started_at: start, status: 'completed' },
        }),
      ),
    );
    await Promise.all(events.map((event) => write(tenant, [event])));
    const state = await endState(tenant);
    expect(state.calls).toHaveLength(8);
    expect(state.patients).toHaveLength(1);
  });
});

describe('an event whose rows cannot be written', () => {
  it('leaves no mark, and is written when it comes again (elizaOS #10160: a mark before its effect lost paid events)', async () => {
    const tenant = await newTenant();
    const { tenantId } = tenant;
    const event = enrichedEvent(
      receivedEvent({
        tenant_id: tenantId,
        call: { from_number: phone, started_at: start, status: 'completed' },
      }),
    );
    // The last thing that is written.
    await database.admin.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.tenant_id = '${tenantId}' THEN RAISE EXCEPTION 'refused'; END IF; RETURN NEW; END $$`);
    await database.admin.query(
      'CREATE TRIGGER refuse BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()',
    );
    try {
      await expect(write(tenant, [event])).rejects.toThrow('refused');
      for (const table of ['inbox', 'voice_calls', 'patients', 'fact_current'])
        expect([table, await query(`SELECT 1 FROM ${table} WHERE tenant_id = $1`, tenant)]).toEqual([
          table,
          [],
        ]);
    } finally {
      await database.admin.query('DROP TRIGGER refuse ON outbox');
    }
    expect(await write(tenant, [event])).toBe(1);
    expect((await endState(tenant)).calls).toHaveLength(1);
  });
});

describe('repeats', () => {
  it('inside a batch and across batches do nothing (outpost #946: SQLSTATE 21000, a consumer dead for good)', async () => {
    const tenant = await newTenant();
    const event = enrichedEvent(
      receivedEvent({
        tenant_id: tenant.tenantId,
        call: { from_number: phone, started_at: start, status: 'completed' },
      }),
    );
    const changed = { ...event, event: { ...event.event, outcome: 'booked' } };
    expect(await write(tenant, [event, changed, event])).toBe(1);
    const before = await endState(tenant);
    expect(await write(tenant, [changed])).toBe(0);
    expect(await endState(tenant)).toEqual(before);
    expect(
      await query(
        'SELECT kind, count(*) FROM outbox WHERE tenant_id = $1 GROUP BY kind ORDER BY kind',
        tenant,
      ),
    ).toEqual([
      // When it began, and when it was over.
      { kind: 'conversation', count: 2 },
      { kind: 'voice_call', count: 1 },
    ]);
  });
});

const turn = (speaker: string, text: string, index = 0) => ({
  index,
  speaker,
  text,
  start_ms: null,
  end_ms: null,
  confidence: null,
});

/** The events of one call, among them two that contradict each other. */
const callEvents = (
  tenantId: string,
  random: { name: string; corrected: string | null; outcomes: string[]; times: (number | null)[] },
) => {
  const base = { tenant_id: tenantId, call_id: 'zc_one' };
  const [first = null, second = null, third = null] = random.times;
  return [
    enrichedEvent(
      receivedEvent({
        ...base,
        vendor_event_id: 'e1',
        event_type: 'call.started',
        occurred_at: first,
        received_at: start,
        call: { from_number: phone, started_at: start },
      }),
    ),
    enrichedEvent(
      receivedEvent({
        ...base,
        vendor_event_id: 'e2',
        event_type: 'call.completed',
        occurred_at: second,
        received_at: start + 2,
        outcome: random.outcomes[0] ?? null,
        call: {
          from_number: phone,
          started_at: start,
          ended_at: start + 90_000,
          duration_seconds: 80,
          cost_minor: 12,
          cost_currency: 'USD',
        },
        transcript: {
          language: 'en',
          engine: 'a',
          turns: [turn('agent', 'Yes?'), turn('caller', 'A visit', 1)],
        },
        tool_calls: [
          { id: 't1', name: 'available-slots', requested_at: start, responded_at: start + 300, ok: true },
        ],
        extra: '{"/call/mood":"good","/x":1}',
      }),
      { contact_name: random.name, analysis: analysis({ sentiment: 'positive' }) },
    ),
    enrichedEvent(
      receivedEvent({
        ...base,
        vendor_event_id: 'e3',
        event_type: 'call.completed',
        occurred_at: third,
        received_at: start + 3,
        outcome: random.outcomes[1] ?? null,
        call: { from_number: phone, duration_seconds: 81 },
        extra: '{"/x":2}',
      }),
    ),
    enrichedEvent(
      receivedEvent({
        ...base,
        vendor_event_id: 'e4',
        event_type: 'recording.ready',
        occurred_at: first,
        received_at: start + 4,
        recording: {
          url: 'https://r.example/1',
          format: 'mp3',
          duration_seconds: 80,
          size_bytes: 1,
          sha256: null,
          channels: 1,
        },
      }),
    ),
    enrichedEvent(
      receivedEvent({
        ...base,
        vendor_event_id: 'e5',
        event_type: 'call.analyzed',
        occurred_at: second,
        received_at: start + 5,
        vendor_extraction: { intent: 'billing', confidence: 0.4, entities: '{}' },
        transcript: { language: 'en', engine: 'b', turns: [turn('caller', 'A visit, please')] },
      }),
      { contact_name: random.corrected, contact_date_of_birth: random.corrected ? '1980-02-03' : null },
    ),
  ];
};

describe('the events of one call', () => {
  it('end in the same state whatever their order, batches and repetition', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          name: fc.constantFrom('Ravi Rao', 'Asha Rao', 'Meera Iyer'),
          corrected: fc.constantFrom(null, 'Ravi Rao', 'Zoya Khan'),
          outcomes: fc.array(fc.constantFrom('booked', 'answered'), { minLength: 2, maxLength: 2 }),
          times: fc.array(fc.option(fc.constantFrom(start, start + 1_000)), { minLength: 3, maxLength: 3 }),
        }),
        fc.constantFrom('nobody', 'one', 'family'),
        fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 12 }),
        fc.nat({ max: 3 }),
        async (random, known, order, split) => {
          const [one, other] = [await newTenant(), await newTenant()];
          for (const tenant of [one, other]) {
            if (known !== 'nobody') await addPatient(tenant, 'Asha', 'Rao', [phone]);
            if (known === 'family') await addPatient(tenant, 'Ravi', 'Rao', [phone]);
          }
          await write(one, withoutTenant(callEvents(one.tenantId, random)));
          const events = callEvents(other.tenantId, random);
          const shuffled = withoutTenant([
            ...order.flatMap((index) => events[index] ?? []),
            ...events.toReversed(),
          ]);
          for (let at = 0; at < shuffled.length; at += split + 1)
            await write(other, shuffled.slice(at, at + split + 1));
          expect(await endState(other)).toEqual(await endState(one));
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);
});

describe('a call with a withheld number', () => {
  const name = { told: 'Asha Rao', analyzed: 'Aasha Rao' };

  /** The transcript tells a phone, by which the patient is proposed; the analysis has another spelling, and proposes nobody. */
  function eventsOf(tenant: TenantSettings, patient_id: string): VoiceCallEnriched[] {
    const base = { tenant_id: tenant.tenantId, call_id: 'withheld' };
    const call = { from_number: null, started_at: start, status: 'completed' };
    const turns = [{ ...turn('caller', 'I am Asha Rao'), index: 0 }];
    return [
      enrichedEvent(
        receivedEvent({
          ...base,
          event_type: 'call.completed',
          occurred_at: start,
          transcript: { language: 'en', engine: null, turns },
          call,
        }),
        {
          contact_phone: null,
          contact_name: name.told,
          contact_date_of_birth: '1984-03-09',
          candidates: [{ patient_id, score: 0.9, breakdown: '{}' }],
        },
      ),
      enrichedEvent(
        receivedEvent({ ...base, event_type: 'call.analyzed', occurred_at: start + 9_000, call }),
        { contact_phone: null, contact_name: name.analyzed, candidates: [] },
      ),
    ];
  }

  it.each(['in order', 'the other way round', 'at once', 'with a merge between'])(
    'keeps the patient it told of when another spelling comes: %s',
    async (how) => {
      const tenant = await newTenant();
      const id = await addPatient(tenant, 'Asha', 'Rao', [phone]);
      const survivor = await addPatient(tenant, 'Asha', 'Rao', []);
      await query(`UPDATE patients SET date_of_birth = '1984-03-09' WHERE tenant_id = $1`, tenant);
      const events = eventsOf(tenant, id);
      const batches = how === 'at once' ? [events] : events.map((event) => [event]);
      if (how === 'the other way round') batches.reverse();
      for (const [at, batch] of batches.entries()) {
        if (at === 1 && how === 'with a merge between')
          await database.admin.query(
            `UPDATE patients SET merged_into = $3, status = 'merged' WHERE tenant_id = $1 AND id = $2`,
            [tenant.tenantId, id, survivor],
          );
        await write(tenant, batch);
      }
      const [call] = await query(
        'SELECT contact_name, patient_id FROM voice_calls WHERE tenant_id = $1',
        tenant,
      );
      const expected = how === 'with a merge between' ? survivor : id;
      expect(call).toEqual({ contact_name: name.analyzed, patient_id: expected });
    },
  );
});

/** Event ids follow from the tenant; two tenants are compared here, so they are made of the vendor's id alone. */
function withoutTenant(events: VoiceCallEnriched[]): VoiceCallEnriched[] {
  return events.map((event) => {
    const number = event.event.vendor_event_id.replace('e', '');
    const id = `00000000-0000-5000-8000-00000000000${number}`;
    return { ...event, event_id: id, event: { ...event.event, event_id: id } };
  });
}

/** Patients, links and decisions by the calls that made them: ids are drawn anew for each clinic. */
const peopleOf = (tenant: TenantSettings) =>
  query(
    `SELECT c.external_id, p.first_name, p.last_name, p.status, d.decision, d.score,
       (SELECT external_id FROM voice_calls o WHERE o.tenant_id = $1 AND o.id = p.origin_call_id) AS made_by,
       (SELECT external_id FROM voice_calls o WHERE o.tenant_id = $1 AND o.id = p.name_call_id) AS named_by
     FROM voice_calls c
     FULL JOIN (SELECT * FROM patients WHERE tenant_id = $1) p ON p.id = c.patient_id
     LEFT JOIN match_decisions d ON d.tenant_id = $1 AND d.entity_id = c.id
     WHERE c.tenant_id = $1 OR c.tenant_id IS NULL ORDER BY 1, 2, 3`,
    tenant,
  );

describe('calls of one family phone', () => {
  const told = (tenant: TenantSettings, callId: string, name: string | null, at: number) =>
    enrichedEvent(
      receivedEvent({
        tenant_id: tenant.tenantId,
        call_id: callId,
        call: { from_number: phone, started_at: start + at, status: 'completed' },
      }),
      { contact_name: name },
    );
  const late = (tenant: TenantSettings, callId: string, type: string, name: string | null) =>
    enrichedEvent(
      receivedEvent({
        tenant_id: tenant.tenantId,
        call_id: callId,
        event_type: type,
        occurred_at: start + 900_000,
        summary: 'x',
        call: { from_number: phone },
      }),
      { contact_name: name },
    );

  it('keep their patients and names when a late event tells nothing new', async () => {
    const name = fc.constantFrom('Ravi Rao', 'Meera Iyer', null);
    await fc.assert(
      fc.asyncProperty(
        fc.array(name, { minLength: 2, maxLength: 3 }),
        fc.array(
          fc.record({
            after: fc.nat({ max: 2 }),
            of: fc.nat({ max: 2 }),
            type: fc.constantFrom('recording.ready', 'call.analyzed', 'call.started'),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (names, lates) => {
          const [one, other] = [await newTenant(), await newTenant()];
          for (const [index, said] of names.entries()) {
            await write(one, [told(one, `call-${index}`, said, index)]);
            await write(other, [told(other, `call-${index}`, said, index)]);
            for (const { of, type } of lates.filter(({ after }) => after === index)) {
              const which = Math.min(of, index);
              await write(other, [late(other, `call-${which}`, type, names[which] ?? null)]);
            }
          }
          expect(await peopleOf(other)).toEqual(await peopleOf(one));
        },
      ),
      { numRuns: 30 },
    );
  }, 120_000);

  it('do not lose the father’s name to the recording of his own call', async () => {
    const tenant = await newTenant();
    for (const [index, said] of ['Ravi Rao', 'Ravi Rao', 'Meera Iyer'].entries())
      await write(tenant, [told(tenant, `call-${index}`, said, index)]);
    const before = await peopleOf(tenant);
    expect(before.map((row) => [row.external_id, row.first_name])).toEqual([
      ['call-0', 'Ravi'],
      ['call-1', 'Ravi'],
      ['call-2', 'Meera'],
    ]);
    await write(tenant, [late(tenant, 'call-0', 'recording.ready', null)]);
    expect(await peopleOf(tenant)).toEqual(before);
    // Even what is new about him, his birth date, keeps him.
    const born = late(tenant, 'call-0', 'call.analyzed', 'Ravi Rao');
    await write(tenant, [{ ...born, contact_date_of_birth: '1980-02-03' }]);
    expect((await peopleOf(tenant)).map((row) => row.first_name)).toEqual(['Ravi', 'Ravi', 'Meera']);
  });
});

describe('numbers that a double does not hold', () => {
  it('are stored digit by digit, and survive the call’s later events', async () => {
    const tenant = await newTenant();
    const base = { tenant_id: tenant.tenantId, call_id: 'exact' };
    const metadata = '{"ticket": 9007199254740993}';
    const extra = '{"/call/crm_id":12345678901234567890,"/deep":{"list":[98765432109876543210]}}';
    await write(tenant, [enrichedEvent(receivedEvent({ ...base, metadata, extra }))]);
    await write(tenant, [enrichedEvent(receivedEvent({ ...base, summary: 'x', extra: '{"/more":1}' }))]);
    expect(
      await query('SELECT metadata::text, extra::text FROM voice_calls WHERE tenant_id = $1', tenant),
    ).toEqual([
      {
        metadata,
        extra:
          '{"/deep": {"list": [98765432109876543210]}, "/more": 1, "/call/crm_id": 12345678901234567890}',
      },
    ]);
  });
});

describe('what people decided', () => {
  it('stands when a late event comes: a merged patient’s call, a conversation taken up again', async () => {
    const tenant = await newTenant();
    const event = (type: string, outcome: string | null) =>
      enrichedEvent(
        receivedEvent({
          tenant_id: tenant.tenantId,
          call_id: 'decided',
          event_type: type,
          outcome,
          call: { from_number: phone, started_at: start, status: 'completed' },
        }),
        { contact_name: 'Ravi Rao' },
      );
    await write(tenant, [event('call.completed', 'answered')]);
    const kept = await addPatient(tenant, 'Ravi', 'Rao', []);
    const [{ patient_id: merged }] = await query(
      'SELECT patient_id FROM voice_calls WHERE tenant_id = $1',
      tenant,
    );
    await database.admin.query(
      `UPDATE patients SET status = 'merged', merged_into = $3 WHERE tenant_id = $1 AND id = $2`,
      [tenant.tenantId, merged, kept],
    );
    await database.admin.query('UPDATE voice_calls SET patient_id = $2 WHERE tenant_id = $1', [
      tenant.tenantId,
      kept,
    ]);
    await database.admin.query(`UPDATE conversations SET state = 'snoozed' WHERE tenant_id = $1`, [
      tenant.tenantId,
    ]);
    const decided = () =>
      query(
        `SELECT c.patient_id, c.original_patient_id, v.state FROM voice_calls c
         JOIN conversations v ON v.tenant_id = $1 AND v.id = c.conversation_id WHERE c.tenant_id = $1`,
        tenant,
      );
    const asDecided = [{ patient_id: kept, original_patient_id: merged, state: 'snoozed' }];
    expect(await decided()).toEqual(asDecided);
    await write(tenant, [event('recording.ready', null)]);
    expect(await decided()).toEqual(asDecided);
    // What changes the answer itself does move the conversation.
    await write(tenant, [event('call.analyzed', 'callback_requested')]);
    expect(await decided()).toEqual([{ ...asDecided[0], state: 'open' }]);
  });
});

describe('facts of neighbours', () => {
  const change = fc.record({
    who: fc.constantFrom(phone, phone, '+919800000001', null),
    at: fc.integer({ min: 0, max: 12 }),
    direction: fc.constantFrom('inbound', 'inbound', 'outbound'),
    intent: fc.constantFrom('billing', 'book_appointment'),
    outcome: fc.constantFrom('callback_requested', 'answered', null),
    status: fc.constantFrom('completed', 'completed', 'voicemail'),
    call: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  });

  it('are what a recount of all calls says after each transaction, however the calls come and move', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 7 }),
        async (transactions) => {
          const tenant = await newTenant();
          let occurred = start;
          for (const changes of transactions) {
            await write(
              tenant,
              changes.map((one) => {
                occurred += 1;
                const number =
                  one.direction === 'inbound' ? { from_number: one.who } : { to_number: one.who };
                const event = receivedEvent({
                  tenant_id: tenant.tenantId,
                  call_id: one.call,
                  occurred_at: occurred,
                  outcome: one.outcome,
                  call: {
                    direction: one.direction,
                    ...number,
                    started_at: start + one.at * day,
                    status: one.status,
                  },
                  transcript: { language: null, engine: null, turns: [turn('caller', 'Hello')] },
                });
                return enrichedEvent(event, { analysis: analysis({ intent: one.intent }) });
              }),
            );
            expect(await statements(tenant)).toEqual(await recounted(tenant));
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it('are not made again where another call gives the answer, and are where none does any more', async () => {
    const tenant = await newTenant();
    const call = (id: string, hours: number, from = phone, occurred = 0) =>
      enrichedEvent(
        receivedEvent({
          tenant_id: tenant.tenantId,
          call_id: id,
          occurred_at: start + occurred,
          call: { from_number: from, started_at: start + hours * 3_600_000 },
        }),
      );
    const restated = () =>
      query(
        `SELECT c.external_id FROM outbox o JOIN voice_calls c ON c.tenant_id = o.tenant_id AND c.id = (o.line::jsonb ->> 'entity_id')::uuid
         WHERE o.tenant_id = $1 AND o.sign = -1 ORDER BY o.id`,
        tenant,
      );
    await write(tenant, [call('first', 0), call('last', 3)]);
    await write(tenant, [call('between', 2)]);
    expect(await restated()).toEqual([]);
    // Both calls before the last one become another caller's at once.
    await write(tenant, [call('first', 0, '+919800000001', 1), call('between', 2, '+919800000001', 1)]);
    expect((await restated()).map((row) => row.external_id).sort()).toEqual(['between', 'first', 'last']);
    expect(await statements(tenant)).toEqual(await recounted(tenant));
  });

  async function statements(tenant: TenantSettings): Promise<Map<unknown, unknown>> {
    const rows = await query(
      `SELECT entity_id, statement FROM fact_current WHERE tenant_id = $1 AND kind = 'voice_call'`,
      tenant,
    );
    return new Map(rows.map((row) => [row.entity_id, row.statement]));
  }

  async function recounted(tenant: TenantSettings): Promise<Map<unknown, unknown>> {
    const ids = await query('SELECT id FROM voice_calls WHERE tenant_id = $1', tenant);
    const records = await withTenant(pool, tenant.tenantId, (client) =>
      loadFactRecords(
        client,
        tenant.tenantId,
        ids.map((row) => String(row.id)),
      ),
    );
    return new Map(
      records.map(({ id, phone: number, record }) => {
        const caller = number === null ? null : pseudonymOf(options.pseudonymKey, tenant.tenantId, number);
        return [id, stateVoiceCall({ ...record, caller }, tenant.timeZone)];
      }),
    );
  }
});
