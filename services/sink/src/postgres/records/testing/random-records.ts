import { uuidV5 } from '@switchboard/domain/ids';
import {
  named,
  type RecordParts,
  recordEvent,
  somebody,
} from '@switchboard/domain/records/testing/record-factories';
import type { RecordReceived } from '@switchboard/schemas';

const minute = 60_000;
const hour = 60 * minute;
const appointmentTypes = [
  'booked',
  'confirmed',
  'rescheduled',
  'checked_in',
  'completed',
  'cancelled',
  'no_show',
];
const journeyTypes = ['started', 'paused', 'resumed', 'completed', 'canceled'];

/** Draws from a seed: the same seed draws the same. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/**
 * Random events of every type about few records, so that they meet: placeholders, conflicts, moves, files beside pushed
 * events, events without a time.
 * @param at Unix ms around which all happens
 */
export function randomRecordEvents(
  tenantId: string,
  count: number,
  at: number,
  draw: (below: number) => number,
): RecordReceived[] {
  const pick = <T>(...values: readonly T[]): T =>
    values[draw(values.length)] ?? Object.assign(values[0] ?? Object());
  const maybe = <T>(value: T): T | null => (draw(3) === 0 ? null : value);
  const id = (prefix: string, most: number) => `${prefix}-${draw(most)}`;
  const patientParts = (key: string) => ({
    external_id: key,
    first_name: maybe(pick('Asha', 'Ravi', 'Meena')),
    last_name: maybe(pick('Rao', 'Mehta')),
    // Each has a number of its own: who shares one is a question, whose answer may depend on what was known.
    phones: maybe([`+9198${key.replace(/\D/g, '').padStart(8, '1')}`]),
    date_of_birth: maybe('1988-04-12'),
    identifiers: maybe([{ system: 'mrn', value: `${key}-${draw(2)}` }]),
  });
  const patient = () => somebody(draw(2) === 0 ? { external_id: id('P', 12) } : patientParts(id('P', 12)));
  const practitioner = () => named(id('D', 4), maybe(`Dr. ${draw(3)}`));
  const location = () => named(id('L', 2), maybe(`Place ${draw(2)}`));

  function appointment(): [string, string, RecordParts] {
    const start = at + draw(12) * 15 * minute + 48 * hour;
    const timed = draw(3) > 0;
    return [
      `appointment.${pick(...appointmentTypes)}`,
      id('A', 25),
      {
        appointment: {
          patient: maybe(patient()),
          practitioner: maybe(practitioner()),
          location: maybe(location()),
          appointment_type: maybe(
            draw(4) === 0 ? named(null, 'Check-up') : named(id('T', 2), maybe('Visit')),
          ),
          department: maybe(pick('cardiology', 'skin')),
          start: timed ? start : null,
          end: timed ? maybe(start + pick(20, 30, 60) * minute) : null,
          booked_at: maybe(at - draw(500) * minute),
          cancelled_by: maybe(pick('patient', 'clinic', 'system')),
          reason: maybe('cough'),
          journey: maybe(id('J', 5)),
        },
        cleared: draw(15) === 0 ? [pick('reason', 'practitioner', 'patient')] : [],
      },
    ];
  }
  function journey(): [string, string, RecordParts] {
    return [
      `journey.${pick(...journeyTypes)}`,
      id('J', 5),
      {
        journey: {
          patient: maybe(patient()),
          journey_type: maybe('recall'),
          stage: maybe('before'),
          department: maybe('skin'),
        },
      },
    ];
  }
  function step(): [string, string, RecordParts] {
    return [
      `journey.${pick('step_scheduled', 'step_completed')}`,
      id('J', 5),
      {
        step: {
          external_id: id('S', 4),
          name: maybe('Dressing'),
          stage: maybe(pick('before', 'after')),
          position: draw(4),
          due_at: maybe(at + draw(100) * hour),
          appointment: maybe(id('A', 30)),
        },
      },
    ];
  }
  function message(): [string, string, RecordParts] {
    const direction = pick('inbound', 'outbound');
    const key = id('P', 12);
    const key2 = key.replace(/\D/g, '').padStart(8, '1');
    const address = draw(5) === 0 ? `somebody${draw(3)}@example.com` : `+9198${key2}`;
    const n = draw(40);
    return [
      'message.sent',
      `M-${n}`,
      {
        message: {
          // What decides about a message's place is the same whoever tells of it.
          channel: 'whatsapp',
          direction: n % 2 ? 'inbound' : 'outbound',
          from_address: n % 2 ? `+9198${String(n % 12).padStart(8, '1')}` : null,
          to_address: n % 2 ? null : `+9198${String(n % 12).padStart(8, '1')}`,
          sent_at: at + n * minute,
          body: maybe(`${direction} ${address}`),
          status: maybe(pick('sent', 'delivered', 'read')),
          template: draw(3) ? null : 'visit_reminder',
          campaign: draw(3) ? null : 'reminder',
          patient: n % 3 ? null : somebody({ external_id: `P-${n % 12}` }),
        },
      },
    ];
  }
  function clinic(): [string, string, RecordParts] {
    return pick<[string, string, RecordParts]>(
      [
        'practitioner.upserted',
        id('D', 4),
        {
          practitioner: {
            name: maybe('Nisha Mehta'),
            title: maybe('Dr.'),
            department: maybe('skin'),
            active: maybe(true),
          },
        },
      ],
      [
        'location.upserted',
        id('L', 2),
        { location: { name: maybe('Bandra'), time_zone: maybe('Asia/Kolkata') } },
      ],
      [
        'schedule.upserted',
        id('H', 3),
        {
          schedule: {
            practitioner: maybe(practitioner()),
            location: maybe(location()),
            time_zone: maybe('Asia/Kolkata'),
            rules: maybe([
              {
                weekday: 1 + draw(7),
                start: '09:00',
                end: '17:00',
                slot_minutes: 15,
                appointment_types: pick([], [named('T-1', null), named(null, 'Follow-up')]),
              },
            ]),
            exceptions: maybe([{ date: '2026-12-25', available: false, start: null, end: null }]),
          },
        },
      ],
    );
  }
  function person(): [string, string, RecordParts] {
    const key = id('P', 12);
    if (draw(12) === 0) return ['patient.merged', `P-${20 + draw(3)}`, { patient: { merged_into: 'P-1' } }];
    return [`patient.${pick('created', 'updated')}`, key, { patient: patientParts(key) }];
  }

  return Array.from({ length: count }, () => {
    const [type, externalId, parts] = pick(
      appointment,
      appointment,
      appointment,
      journey,
      step,
      message,
      clinic,
      person,
    )();
    const isFile = draw(6) === 0;
    return recordEvent(type, externalId, {
      tenant_id: tenantId,
      // The same in every clinic, as ids decide ties.
      event_id: uuidV5(String(draw(1e9))),
      // Times meet now and then.
      occurred_at: isFile && draw(2) === 0 ? null : at + draw(200) * minute,
      received_at: at + 400 + draw(300) * minute,
      source: isFile ? 'import' : 'events',
      origin: isFile ? 'export.csv' : '/clinic/emr',
      ...parts,
    });
  });
}
