import { randomUUID } from 'node:crypto';
import { uuidV5 } from '@switchboard/domain/ids';
import { named, recordEvent } from '@switchboard/domain/records/testing/record-factories';
import { SwitchboardError } from '@switchboard/platform';
import { type Client, createPool, lockTenant, withTenant } from '@switchboard/postgres';
import { changeConversation } from '@switchboard/postgres/messaging/change-conversation';
import { queueMessage } from '@switchboard/postgres/messaging/queue-message';
import { mergePatients, unmergePatients } from '@switchboard/postgres/people/merge-patients';
import { bookAppointment } from '@switchboard/postgres/scheduling/book';
import { changeState, loadVisit, moveAppointment } from '@switchboard/postgres/scheduling/change';
import { loadVisitTypes } from '@switchboard/postgres/scheduling/visit-types';
import { loadTenantSettings, type TenantSettings } from '@switchboard/postgres/tenants';
import type { RecordReceived } from '@switchboard/schemas';
import { createTestDatabase } from '@switchboard/testkit/database';
import { writeMessagingEvents } from '../../messages/write-messaging-events.ts';
import { writeRecords } from '../../records/write-records.ts';
import { restateOwned } from '../../restate.ts';
import { writeEvents } from '../../write-events.ts';
import { type Act, type Change, isEvent, minute, most, slotAt, start } from './changes.ts';
import { oneName, phoneOf, toCall, toMessage, toRecord } from './make-events.ts';

export type WholeClinics = Awaited<ReturnType<typeof openWholeClinics>>;

/** A clinic whose appointments 9 and 10 were booked here. */
export interface Clinic {
  tenant: TenantSettings;
  booked: ReadonlyMap<number, string>;
}

/** A change with its place among all of them, which names it. */
export type Placed = readonly [place: number, change: Change];

export const hours = {
  '1': [
    ['09:00', '13:00'],
    ['14:00', '18:00'],
  ],
  '5': [['09:00', '18:00']],
  '6': [['20:00', '02:00']],
} as const;
const somebody = '00000000-0000-7000-8000-000000000001';

/** A database in which clinics are written as the services do it: by the sink's functions, and by the API's as the API's role. */
export async function openWholeClinics(postgresAdmin: string) {
  const database = await createTestDatabase(postgresAdmin);
  const pool = createPool({ url: database.urlAs('switchboard_sink'), applicationName: 'test-sink' });
  const api = createPool({ url: database.urlAs('switchboard_api'), applicationName: 'test-api' });
  const pseudonymKey = Buffer.alloc(32, 7);
  const options = { pool, pseudonymKey, now: Date.now };
  const rows = async (sql: string, { tenantId }: TenantSettings) =>
    (await database.admin.query<Record<string, unknown>>(sql, [tenantId])).rows;
  const idOf = async (tenant: TenantSettings, table: string, where: string) =>
    String(
      (await rows(`SELECT id FROM ${table} WHERE tenant_id = $1 AND ${where}`, tenant))[0]?.id ??
        randomUUID(),
    );
  const context = (tenant: TenantSettings, now: number) => ({
    ...{ tenant, pseudonymKey, now },
    actor: { kind: 'user' as const, id: somebody },
    cause: { eventId: randomUUID(), traceparent: null },
  });
  const asDesk = <T>({ tenantId }: TenantSettings, work: (client: Client) => Promise<T>) =>
    withTenant(api, tenantId, async (client) => {
      await lockTenant(client, tenantId);
      return work(client);
    });

  async function newClinic(): Promise<Clinic> {
    const id = await database.addTenant();
    await database.admin.query('UPDATE tenants SET business_hours = $2 WHERE id = $1', [
      id,
      JSON.stringify(hours),
    ]);
    const tenant = (await loadTenantSettings(pool, [id])).get(id);
    if (!tenant) throw new Error('the tenant was just made');
    await writeRecords(
      options,
      tenant,
      firstEvents(id).map((event) => ({ event, traceparent: null })),
    );
    const [practitionerId, locationId] = [
      await idOf(tenant, 'practitioners', `external_id = 'D-9'`),
      await idOf(tenant, 'locations', `external_id = 'L-1'`),
    ];
    const booked = new Map<number, string>();
    for (const visit of [9, 10]) {
      const patientId = await idOf(tenant, 'patients', `external_id = 'P-${visit - 8}'`);
      const from = slotAt(visit * 4, visit);
      const made = await asDesk(tenant, async (client) => {
        const [type] = await loadVisitTypes(client, id);
        const slot = { practitionerId, locationId, from, to: from + 30 * minute };
        const now = start - visit * minute;
        return bookAppointment(client, context(tenant, now), {
          slot,
          visit: type,
          channel: 'desk',
          patientId,
        });
      });
      if (made === 'SLOT_TAKEN') throw new Error('nobody else has booked yet');
      booked.set(visit, made.id);
    }
    return { tenant, booked };
  }

  async function act(clinic: Clinic, place: number, change: Act): Promise<unknown> {
    const { tenant } = clinic;
    const patient = (number: number) => idOf(tenant, 'patients', `external_id = 'P-${number}'`);
    const talk = (contact: number) =>
      idOf(tenant, 'conversations', `channel = 'whatsapp' AND contact_phone = '${phoneOf(contact)}'`);
    switch (change.of) {
      case 'merge':
      case 'unmerge': {
        const work = change.of === 'merge' ? mergePatients : unmergePatients;
        const [survivorId, absorbedId] = [await patient(change.survivor), await patient(change.absorbed)];
        const by = { userId: somebody };
        return asDesk(tenant, (client) =>
          work(client, { tenant, pseudonymKey, survivorId, absorbedId, by, now: start }),
        ).catch((error: unknown) => {
          // As the API answers: there is nothing to be done.
          if (!(error instanceof SwitchboardError)) throw error;
        });
      }
      case 'answer': {
        const conversationId = await talk(change.contact);
        return asDesk(tenant, (client) =>
          queueMessage(client, context(tenant, change.at), {
            id: uuidV5('answer', String(place)),
            conversationId,
            senderKind: change.byAssistant ? 'assistant' : 'user',
            senderId: change.byAssistant ? null : somebody,
            body: 'words',
            ...{ template: null, templateVariables: {}, quotedMessageId: null, fileId: null },
            at: new Date(change.at),
          }),
        );
      }
      case 'labels':
      case 'talk': {
        const conversationId = await talk(change.contact);
        const wanted = change.of === 'labels' ? { labels: change.labels } : { state: { to: change.to } };
        const at = new Date(change.of === 'labels' ? start : change.at);
        return asDesk(tenant, (client) =>
          changeConversation(client, context(tenant, at.getTime()), { conversationId, change: wanted, at }),
        );
      }
      case 'state':
      case 'move':
        return changeVisit(clinic, change);
    }
  }

  async function changeVisit({ tenant, booked }: Clinic, change: Extract<Act, { of: 'state' | 'move' }>) {
    const id =
      booked.get(change.visit) ?? (await idOf(tenant, 'appointments', `external_id = 'A-${change.visit}'`));
    const by = context(tenant, change.at);
    const practitionerId =
      change.of === 'move'
        ? await idOf(tenant, 'practitioners', `external_id = '${change.practitioner}'`)
        : '';
    const locationId = await idOf(tenant, 'locations', `external_id = 'L-1'`);
    return asDesk(tenant, async (client) => {
      const visit = await loadVisit(client, tenant.tenantId, { id });
      if (!visit) return undefined;
      if (change.of === 'state') {
        const { to } = change;
        const wanted = to === 'cancelled' ? { to, by: 'patient' as const, reason: null } : { to };
        return changeState(client, by, visit, wanted);
      }
      const from = slotAt(change.slot, change.visit);
      const slot = { practitionerId, locationId, from, to: from + 30 * minute };
      return moveAppointment(client, by, visit, slot, { bufferBefore: 0, bufferAfter: 0 });
    });
  }

  return {
    database,
    pool,
    pseudonymKey,
    rows,
    newClinic,
    /** Makes changes, those of a batch that are events of one topic in one transaction. */
    async apply(clinic: Clinic, batch: readonly Placed[]): Promise<void> {
      const { tenant } = clinic;
      const id = tenant.tenantId;
      const events = <E>(made: readonly E[]) => made.map((event) => ({ event, traceparent: null }));
      const of = <K extends Change['of']>(kind: K) =>
        batch.flatMap(([place, change]) => (isOf(change, kind) ? [{ place, change }] : []));
      await writeRecords(
        options,
        tenant,
        events(of('record').map((one) => toRecord(id, one.place, one.change))),
      );
      await writeMessagingEvents(
        options,
        tenant,
        events(of('message').map((one) => toMessage(id, one.place, one.change))),
      );
      await writeEvents(options, tenant, events(of('call').map((one) => toCall(id, one.place, one.change))));
      for (const [place, change] of batch) if (!isEvent(change)) await act(clinic, place, change);
    },
    /** What is stated some time later: the records of practitioners whose department changed. */
    catchUp: ({ tenant }: Clinic) => restateOwned(options, tenant.tenantId, new AbortController().signal),
    async close(): Promise<void> {
      await pool.end();
      await api.end();
      await database.drop();
    },
  };
}

function isOf<K extends Change['of']>(change: Change, kind: K): change is Extract<Change, { of: K }> {
  return change.of === kind;
}

/** Who and what there is before anything else happens. */
function firstEvents(tenantId: string): RecordReceived[] {
  const said = { tenant_id: tenantId, occurred_at: start - 10_000 * minute };
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
  return [
    recordEvent('location.upserted', 'L-1', {
      ...said,
      location: { name: 'Bandra', time_zone: 'Asia/Kolkata' },
    }),
    ...['D-1', 'D-2', 'D-3', 'D-9'].map((id) =>
      recordEvent('practitioner.upserted', id, { ...said, practitioner: { name: id, department: 'skin' } }),
    ),
    ...numbers(most.patients).map((number) =>
      recordEvent('patient.created', `P-${number}`, {
        ...said,
        patient: { full_name: oneName, phones: [phoneOf(number)] },
      }),
    ),
    ...numbers(most.contacts).map((contact) =>
      recordEvent('message.sent', `M-${contact}`, {
        ...said,
        message: {
          channel: 'whatsapp',
          direction: 'inbound',
          from_address: phoneOf(contact),
          sent_at: start - 100 * minute + contact * 1_000,
        },
      }),
    ),
    recordEvent('appointment.booked', 'A-0', {
      ...said,
      appointment: { appointment_type: named('T-1', 'Visit') },
    }),
  ];
}
