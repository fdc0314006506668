import { named, somebody } from '@switchboard/domain/records/testing/record-factories';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { at, openRecordStand, type RecordStand, teller } from './testing/record-stand.ts';

let stand: RecordStand;

beforeAll(async () => {
  stand = await openRecordStand(inject('engines').postgresAdmin);
});

afterAll(() => stand.close());

const minute = 60_000;
const hour = 60 * minute;

describe('an appointment of the clinic’s system', () => {
  it('becomes a row with all it names, and a history of what happened to it', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const start = at + 24 * hour;
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', 0, {
        appointment: {
          patient: somebody({ external_id: 'P-1', full_name: 'RAO, asha', phones: ['98123 45678'] }),
          practitioner: named('D-1', 'Dr. Mehta'),
          location: named('L-1', 'Andheri'),
          department: 'cardiology',
          appointment_type: named('T-1', 'Follow-up'),
          start,
          end: start + 20 * minute,
          channel: 'web',
          fee_minor: 50_000,
          fee_currency: 'INR',
        },
      }),
    );
    await stand.write(tenant, tell('appointment.confirmed', 'A-1', 5));
    await stand.write(
      tenant,
      tell('appointment.rescheduled', 'A-1', 9, { appointment: { start: start + hour } }),
    );
    await stand.write(
      tenant,
      tell('appointment.cancelled', 'A-1', 12, { appointment: { cancelled_by: 'patient' } }),
    );
    const state = await stand.endState(tenant);
    expect(state.appointments).toMatchObject([
      {
        patient: 'P-1',
        practitioner: 'D-1',
        location: 'L-1',
        type: 'T-1',
        row: {
          external_id: 'A-1',
          source: 'clinic',
          status: 'cancelled',
          moves: 1,
          channel: 'web',
          cancelled_by: 'patient',
          confirmed_at: null,
          fee_minor: 50_000,
          conflict: false,
          starts_at: new Date(start + hour).toISOString().replace('.000Z', '+00:00'),
          ends_at: new Date(start + hour + 20 * minute).toISOString().replace('.000Z', '+00:00'),
        },
      },
    ]);
    expect(state.patients).toMatchObject([
      {
        row: { first_name: 'Asha', last_name: 'Rao', placeholder: true },
        identifiers: ['phone +919812345678'],
      },
    ]);
    expect(state.practitioners).toMatchObject([
      { row: { display_name: 'Dr. Mehta', placeholder: true }, department: 'cardiology' },
    ]);
    expect(
      await stand.rows(
        'SELECT version, change, actor_kind, status FROM appointment_history WHERE tenant_id = $1 ORDER BY version',
        tenant,
      ),
    ).toEqual([
      { version: 1, change: 'booked', actor_kind: 'clinic_system', status: 'scheduled' },
      { version: 2, change: 'confirmed', actor_kind: 'clinic_system', status: 'confirmed' },
      { version: 3, change: 'moved', actor_kind: 'clinic_system', status: 'scheduled' },
      { version: 4, change: 'cancelled', actor_kind: 'clinic_system', status: 'cancelled' },
    ]);
    expect(state.facts).toHaveLength(3);
  });
});

describe('what is told before what it needs', () => {
  it('is kept: a cancellation becomes a row when its start is known, and the step that waits for it is linked', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    await stand.write(
      tenant,
      tell('journey.step_scheduled', 'J-1', 1, { step: { external_id: 'S-1', appointment: 'A-1' } }),
      tell('appointment.cancelled', 'A-1', 5, { appointment: { patient: somebody({ external_id: 'P-1' }) } }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      appointments: [],
      steps: [{ appointment: null, journey: 'J-1', row: { name: 'S-1' } }],
      journeys: [{ row: { placeholder: true, journey_type: 'unknown', status: 'active' } }],
      patients: [{ row: { external_id: 'P-1', placeholder: true } }],
    });
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', 0, { appointment: { start: at + 24 * hour } }),
      tell('journey.started', 'J-1', 0, {
        journey: { journey_type: 'recall', patient: somebody({ external_id: 'P-1' }) },
      }),
      tell('patient.created', 'P-1', 0, { patient: { first_name: 'ASHA', phones: ['9812345678'] } }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      appointments: [{ patient: 'P-1', row: { status: 'cancelled' } }],
      steps: [{ appointment: 'A-1' }],
      journeys: [{ patient: 'P-1', row: { placeholder: false, journey_type: 'recall' } }],
      patients: [{ row: { first_name: 'Asha', placeholder: false }, identifiers: ['phone +919812345678'] }],
    });
  });

  it('keeps what was set here of a kind of visit and of a location, whatever else is told of them', async () => {
    const tenant = await stand.newTenant();
    const tell = (id: string, minute: number, name: string) =>
      stand.write(
        tenant,
        teller(tenant)('appointment.booked', id, minute, {
          appointment: { start: at, location: named('L-1', name), appointment_type: named('T-1', name) },
        }),
      );
    await tell('A-1', 0, 'Follow-up');
    const { admin } = stand.database;
    await admin.query(
      `UPDATE appointment_types SET duration_minutes = 45, buffer_after_minutes = 10, active = false WHERE tenant_id = $1`,
      [tenant.tenantId],
    );
    await admin.query('UPDATE locations SET rooms = 3 WHERE tenant_id = $1', [tenant.tenantId]);
    await tell('A-2', 1, 'Second visit');
    expect(await stand.endState(tenant)).toMatchObject({
      locations: [{ row: { name: 'Second visit', rooms: 3 } }],
      types: [
        { row: { name: 'Second visit', duration_minutes: 45, buffer_after_minutes: 10, active: false } },
      ],
      appointments: [
        { row: { ends_at: '2026-11-20T05:30:00+00:00' } },
        { row: { ends_at: '2026-11-20T05:45:00+00:00' } },
      ],
    });
  });

  it('is the clinic’s own row where one has that id or name', async () => {
    const tenant = await stand.newTenant();
    await stand.database.admin.query(
      `INSERT INTO practitioners (tenant_id, id, display_name, external_id) VALUES ($1, gen_random_uuid(), 'Dr. Own', 'D-1')`,
      [tenant.tenantId],
    );
    await stand.database.admin.query(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes) VALUES ($1, gen_random_uuid(), 'Follow-up', 10)`,
      [tenant.tenantId],
    );
    await stand.write(
      tenant,
      teller(tenant)('appointment.booked', 'A-1', 0, {
        appointment: { start: at, practitioner: named('D-1'), appointment_type: named(null, 'follow-UP') },
      }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      practitioners: [{ row: { display_name: 'Dr. Own', source: 'clinic', placeholder: false } }],
      types: [{ row: { duration_minutes: 10 } }],
      appointments: [{ row: { ends_at: '2026-11-20T05:10:00+00:00' } }],
    });
  });

  it('is the clinic’s own kind of visit of that name where an id is told beside it, for one id alone', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const types = () =>
      stand.rows(
        'SELECT name, duration_minutes, external_id FROM appointment_types WHERE tenant_id = $1 AND active ORDER BY 3',
        tenant,
      );
    const book = (visit: string, ...type: Parameters<typeof named>) =>
      tell('appointment.booked', visit, 0, { appointment: { start: at, appointment_type: named(...type) } });
    await stand.database.admin.query(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes) VALUES ($1, gen_random_uuid(), 'Follow-up', 10)`,
      [tenant.tenantId],
    );
    await stand.write(tenant, book('A-1', 'T-1', 'Follow-up '), book('A-2', 'T-1', null));
    const own = { duration_minutes: 10, external_id: 'T-1' };
    expect(await types()).toMatchObject([own]);
    await stand.write(tenant, book('A-3', 'T-2', 'Follow-up'), book('A-4', 'T-3', 'Follow-up'));
    expect(await types()).toMatchObject([own, { external_id: 'T-2' }, { external_id: 'T-3' }]);
    // What others name alone is a record of its own, whoever is told first.
    await stand.write(tenant, book('A-5', null, 'X-ray'));
    await stand.write(tenant, book('A-6', 'T-4', 'X-ray'));
    expect((await types()).filter(({ name }) => name === 'X-ray')).toMatchObject([
      { external_id: 'T-4' },
      { external_id: null },
    ]);
  });

  it('named with two ids in one batch is of the first', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    await stand.database.admin.query(
      `INSERT INTO appointment_types (tenant_id, id, name, duration_minutes) VALUES ($1, gen_random_uuid(), 'Follow-up', 10)`,
      [tenant.tenantId],
    );
    const events = [named('T-1', 'Follow-up'), named('T-2', 'Follow-up'), named(null, 'Follow-up')].map(
      (type, n) =>
        tell('appointment.booked', `A-${n}`, n, { appointment: { start: at, appointment_type: type } }),
    );
    await stand.write(tenant, ...events);
    expect(
      await stand.rows(
        'SELECT external_id, duration_minutes FROM appointment_types WHERE tenant_id = $1 ORDER BY 1',
        tenant,
      ),
    ).toEqual([
      { external_id: 'T-1', duration_minutes: 10 },
      { external_id: 'T-2', duration_minutes: 30 },
      { external_id: null, duration_minutes: 30 },
    ]);
  });

  it('is another record in an origin that numbers by itself', async () => {
    const tenant = await stand.newTenant();
    await stand.database.admin.query(`UPDATE tenants SET own_numberings = '{/lab}' WHERE id = $1`, [
      tenant.tenantId,
    ]);
    const tell = teller(tenant);
    await stand.write(
      tenant,
      tell('patient.created', '17', 0, { patient: { first_name: 'Asha' } }),
      tell('patient.created', '17', 0, { patient: { first_name: 'Ravi' }, origin: '/lab' }),
      tell('patient.updated', '17', 1, {
        patient: { language: 'hi-IN' },
        source: 'import',
        origin: 'old.csv',
      }),
    );
    expect((await stand.endState(tenant)).patients).toMatchObject([
      { row: { first_name: 'Asha', language: 'hi-IN', source: 'clinic' } },
      { row: { first_name: 'Ravi', source: '/lab' } },
    ]);
  });
});

describe('what links a visit or message to nothing', () => {
  it('is kept with it, and makes no record of what it names', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const message = { channel: 'sms', to_address: '+919812345678', body: 'Tomorrow at 4' };
    const named = { campaign: 'reminder', appointment: 'A-9', journey: 'J-9' };
    await stand.write(
      tenant,
      tell('appointment.booked', 'A-1', 0, { appointment: { start: at, journey: 'J-9' } }),
      tell('message.sent', 'M-1', 0, { message: { ...message, ...named } }),
    );
    const states = await stand.rows(
      `SELECT kind, external_id, jsonb_path_query_array(state, '$.fields.keyvalue() ? (@.key == "campaign" || @.key == "appointment" || @.key == "journey").value.*.value') AS kept
       FROM record_states WHERE tenant_id = $1 ORDER BY kind`,
      tenant,
    );
    expect(states).toEqual([
      { kind: 'appointment', external_id: 'A-1', kept: ['J-9'] },
      { kind: 'message', external_id: 'M-1', kept: expect.arrayContaining(['reminder', 'A-9', 'J-9']) },
    ]);
  });
});

describe('a journey', () => {
  it('has the stage that is told of it, and its steps theirs, which the numbers know', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    const step = { external_id: 'S-1', step_type: 'visit', due_at: at };
    await stand.write(
      tenant,
      tell('journey.started', 'J-1', 0, { journey: { journey_type: 'knee', stage: 'before' } }),
      tell('journey.step_scheduled', 'J-1', 1, { step: { ...step, stage: 'recovery' } }),
      tell('journey.step_scheduled', 'J-1', 2, { journey: { stage: 'recovery' }, step }),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      journeys: [{ row: { stage: 'recovery' } }],
      steps: [{ row: { stage: 'recovery' } }],
    });
    const due =
      "SELECT statement ->> 'stage' AS stage FROM fact_current WHERE tenant_id = $1 AND basis = 'due'";
    expect(await stand.rows(due, tenant)).toEqual([{ stage: 'recovery' }]);
    expect(await stand.drift(tenant)).toEqual({});
  });

  it('counts its pauses, and ends', async () => {
    const tenant = await stand.newTenant();
    const tell = teller(tenant);
    await stand.write(
      tenant,
      tell('journey.started', 'J-1', 0, { journey: { journey_type: 'recall', department: 'skin' } }),
      tell('journey.paused', 'J-1', 2),
      tell('journey.paused', 'J-1', 2, { source: 'import', origin: 'old.csv' }),
      tell('journey.resumed', 'J-1', 3),
      tell('journey.step_completed', 'J-1', 4, {
        step: { external_id: 'S-1', name: 'Dressing', due_at: at },
      }),
      tell('journey.completed', 'J-1', 9),
    );
    expect(await stand.endState(tenant)).toMatchObject({
      journeys: [
        {
          department: 'skin',
          row: {
            status: 'completed',
            pauses: 1,
            resumes: 1,
            started_at: '2026-11-20T05:00:00+00:00',
            ended_at: '2026-11-20T05:09:00+00:00',
          },
        },
      ],
      steps: [{ row: { completed_at: '2026-11-20T05:04:00+00:00', name: 'Dressing' } }],
    });
  });
});
