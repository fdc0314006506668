import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { review, reviewList } from '../match-reviews/review-schema.ts';
import { type ApiClinic, bodyOf, problemOf, startApiClinic } from '../testing/clinic.ts';
import { planted, storeCall } from '../testing/store-call.ts';

let clinic: ApiClinic;
beforeAll(async () => {
  clinic = await startApiClinic(inject('engines'));
});
afterAll(() => clinic?.stop());

const path = '/api/v1/match-reviews';

async function addPatient(first: string, tenant = clinic.tenantId): Promise<string> {
  const id = randomUUID();
  await clinic.database.admin.query(
    `INSERT INTO patients (tenant_id, id, first_name, origin) VALUES ($1, $2, $3, 'desk')`,
    [tenant, id, first],
  );
  return id;
}

async function openReview(
  kind: string,
  entity: string,
  candidates: string[],
  tenant = clinic.tenantId,
): Promise<string> {
  const id = randomUUID();
  await clinic.database.admin.query(
    `INSERT INTO match_decisions (tenant_id, entity_kind, entity_id, decision, model_version) VALUES ($1, $2, $3, 'review', '1')`,
    [tenant, kind, entity],
  );
  const scored = candidates.map((patient_id, index) => ({
    patient_id,
    score: 0.5 - index / 4,
    breakdown: { phone: 1.5 },
  }));
  await clinic.database.admin.query(
    `INSERT INTO match_reviews (tenant_id, id, entity_kind, entity_id, candidates) VALUES ($1, $2, $3, $4, $5)`,
    [tenant, id, kind, entity, JSON.stringify(scored)],
  );
  return id;
}

/** A call whose patient nobody knows, with its review. */
async function doubtfulCall(candidates: string[]) {
  const call = await storeCall(clinic.database, clinic.tenantId, '2026-11-20T09:00:00+05:30');
  await clinic.run('UPDATE voice_calls SET patient_id = NULL WHERE tenant_id = $1 AND id = $2', [call.id]);
  return { call: call.id, id: await openReview('voice_call', call.id, candidates) };
}

const patientsOf = (call: string) =>
  clinic.run(
    `SELECT c.patient_id, c.original_patient_id, v.patient_id AS of_conversation, d.decision, d.decided_by IS NOT NULL AS by_person, d.score
     FROM voice_calls c JOIN conversations v ON v.tenant_id = $1 AND v.id = c.conversation_id
     JOIN match_decisions d ON d.tenant_id = $1 AND d.entity_id = c.id WHERE c.tenant_id = $1 AND c.id = $2`,
    [call],
  );

describe('a call in doubt', () => {
  test('is listed with its candidates, without names for an analyst', async () => {
    const [one, two] = [await addPatient('Hemalata'), await addPatient('Hemant')];
    const { id, call } = await doubtfulCall([one, two]);
    const { reviews } = await bodyOf(reviewList, await clinic.agent.get(path));
    expect(reviews.find((row) => row.id === id)).toMatchObject({
      state: 'open',
      entity: { kind: 'voice_call', id: call },
      contact: { phone: planted.phone, date_of_birth: planted.dateOfBirth },
      candidates: [
        { score: 0.5, breakdown: { phone: 1.5 }, patient: { id: one, first_name: 'Hemalata' } },
        { score: 0.25, patient: { id: two } },
      ],
    });
    const text = await (await clinic.analyst.get(path)).text();
    expect(text).toContain(id);
    for (const secret of ['Hemalata', planted.lastName, planted.phone, planted.dateOfBirth])
      expect(text).not.toContain(secret);
  });

  test('is given to a patient once: facts follow, the second decision comes too late', async () => {
    const [one, two] = [await addPatient('One'), await addPatient('Two')];
    const { id, call } = await doubtfulCall([one, two]);
    await clinic.newAudit();
    const answers = await Promise.all(
      [one, two].map((patient_id) => clinic.agent.post(`${path}/${id}/link`, { patient_id })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const won = answers.find(({ status }) => status === 200);
    const decided = won && (await bodyOf(review, won));
    const chosen = decided?.patient_id;
    expect([one, two]).toContain(chosen);
    expect(decided).toMatchObject({ state: 'linked', decided_by: expect.any(String) });
    expect(await patientsOf(call)).toEqual([
      {
        patient_id: chosen,
        original_patient_id: chosen,
        of_conversation: chosen,
        decision: 'link',
        by_person: true,
        score: expect.any(Number),
      },
    ]);
    const facts = await clinic.run(
      `SELECT statement ->> 'patient_id' AS patient FROM fact_current WHERE tenant_id = $1 AND kind = 'voice_call' AND entity_id = $2`,
      [call],
    );
    expect(facts).toEqual([{ patient: chosen }]);
    for (const [way, body] of [
      ['reject', undefined],
      ['new', {}],
      ['link', { patient_id: one }],
    ] as const)
      expect(await problemOf(await clinic.agent.post(`${path}/${id}/${way}`, body))).toMatchObject({
        status: 409,
        code: 'review_decided',
      });
    expect((await clinic.newAudit()).map(({ action }) => action)).toEqual(['match_review.link']);
  });

  test('becomes somebody new, as the call says or as the desk does', async () => {
    const first = await doubtfulCall([await addPatient('One')]);
    await bodyOf(review, await clinic.agent.post(`${path}/${first.id}/new`, {}));
    const second = await doubtfulCall([await addPatient('One')]);
    const said = { first_name: 'Sunil', phone: '098989 12345', date_of_birth: '1970-02-01' };
    await bodyOf(review, await clinic.agent.post(`${path}/${second.id}/new`, said));
    const made = async (call: string) =>
      clinic.run(
        `SELECT p.first_name, p.last_name, p.date_of_birth, p.origin, i.value FROM voice_calls c
         JOIN patients p ON p.tenant_id = $1 AND p.id = c.patient_id
         JOIN patient_identifiers i ON i.tenant_id = $1 AND i.patient_id = p.id WHERE c.tenant_id = $1 AND c.id = $2`,
        [call],
      );
    expect(await made(first.call)).toEqual([
      {
        first_name: planted.firstName,
        last_name: planted.lastName,
        date_of_birth: planted.dateOfBirth,
        origin: 'voice',
        value: planted.phone,
      },
    ]);
    expect(await made(second.call)).toEqual([
      {
        first_name: 'Sunil',
        last_name: null,
        date_of_birth: '1970-02-01',
        origin: 'voice',
        value: '+919898912345',
      },
    ]);
    const third = await doubtfulCall([]);
    expect(
      await problemOf(await clinic.agent.post(`${path}/${third.id}/new`, { phone: '12' })),
    ).toMatchObject({
      status: 422,
      errors: [{ location: 'body.phone' }],
    });
  });

  test('may be nobody’s', async () => {
    const { id, call } = await doubtfulCall([await addPatient('One')]);
    expect(await bodyOf(review, await clinic.manager.post(`${path}/${id}/reject`))).toMatchObject({
      state: 'rejected',
      patient_id: null,
    });
    expect(await patientsOf(call)).toMatchObject([{ patient_id: null, decision: 'none', by_person: true }]);
  });
});

describe('another record in doubt', () => {
  test('a conversation and an appointment are given to their patient', async () => {
    const patient = await addPatient('One');
    for (const [kind, table, sql] of [
      [
        'conversation',
        'conversations',
        `INSERT INTO conversations (tenant_id, id, channel) VALUES ($1, $2, 'whatsapp')`,
      ],
      [
        'appointment',
        'appointments',
        `INSERT INTO appointments (tenant_id, id, status, starts_at, ends_at, channel) VALUES ($1, $2, 'scheduled', now(), now() + interval '1 h', 'desk')`,
      ],
    ] as const) {
      const entity = randomUUID();
      await clinic.run(sql, [entity]);
      const id = await openReview(kind, entity, [patient]);
      await bodyOf(review, await clinic.agent.post(`${path}/${id}/link`, { patient_id: patient }));
      expect(
        await clinic.run(`SELECT patient_id FROM ${table} WHERE tenant_id = $1 AND id = $2`, [entity]),
      ).toEqual([{ patient_id: patient }]);
    }
  });

  test('a patient is merged into the one it is, or stays', async () => {
    const [kept, twin, other] = [
      await addPatient('Kept'),
      await addPatient('Twin'),
      await addPatient('Other'),
    ];
    const link = await openReview('patient', twin, [kept]);
    await bodyOf(review, await clinic.agent.post(`${path}/${link}/link`, { patient_id: kept }));
    const stays = await openReview('patient', other, [kept]);
    await bodyOf(review, await clinic.agent.post(`${path}/${stays}/reject`));
    const rows = await clinic.run(
      'SELECT id, merged_into FROM patients WHERE tenant_id = $1 AND id = ANY ($2)',
      [[twin, other]],
    );
    expect(new Map(rows.map((row) => [row.id, row.merged_into]))).toEqual(
      new Map([
        [twin, kept],
        [other, null],
      ]),
    );
  });

  test('the patient that the clinic’s system numbers is the one that stays', async () => {
    const [numbered, caller] = [await addPatient('Numbered'), await addPatient('Caller')];
    await clinic.run(
      `UPDATE patients SET source = 'clinic', external_id = 'P-9' WHERE tenant_id = $1 AND id = $2`,
      [numbered],
    );
    const id = await openReview('patient', numbered, [caller]);
    await bodyOf(review, await clinic.agent.post(`${path}/${id}/link`, { patient_id: caller }));
    const rows = await clinic.run('SELECT merged_into FROM patients WHERE tenant_id = $1 AND id = $2', [
      caller,
    ]);
    expect(rows).toEqual([{ merged_into: numbered }]);
  });
});

test('lists are paged, by state', async () => {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { reviews: { id: string }[]; next_cursor: string | null } = await bodyOf(
      reviewList,
      await clinic.owner.get(`${path}?state=linked&limit=1${cursor && `&cursor=${cursor}`}`),
    );
    ids.push(...page.reviews.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  const all = await clinic.run(`SELECT id FROM match_reviews WHERE tenant_id = $1 AND state = 'linked'`);
  expect(ids.length).toBeGreaterThan(1);
  expect(ids.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
  expect(await problemOf(await clinic.owner.get(`${path}?state=lost`))).toMatchObject({ status: 422 });
});

test('another clinic’s reviews and patients are not there; an analyst and keys decide nothing', async () => {
  const { id } = await doubtfulCall([]);
  const foreign = await addPatient('Foreign', clinic.otherTenantId);
  expect((await clinic.stranger.post(`${path}/${id}/reject`)).status).toBe(404);
  expect((await bodyOf(reviewList, await clinic.stranger.get(path))).reviews).toEqual([]);
  expect((await clinic.agent.post(`${path}/${id}/link`, { patient_id: foreign })).status).toBe(404);
  expect((await clinic.agent.post(`${path}/${randomUUID()}/reject`)).status).toBe(404);
  expect((await clinic.analyst.post(`${path}/${id}/reject`)).status).toBe(403);
  const key = { 'x-api-key': await clinic.addKey(clinic.tenantId, ['admin']) };
  expect((await clinic.nobody.post(`${path}/${id}/reject`, undefined, key)).status).toBe(403);
  expect(
    (await clinic.agent.post(`${path}/${id}/reject`, undefined, { origin: 'https://evil.example' })).status,
  ).toBe(403);
  expect((await clinic.nobody.get(path)).status).toBe(401);
});
