import { instantOfWall } from '@switchboard/domain/periods/zone';
import { isAtWork } from './calendar.ts';
import { type GeneratedCall, withOffset } from './call-generator.ts';
import { demoCallers, type SimulatedClinic } from './clinic.ts';
import { type ClinicEventBody, createClinicEventWriter } from './clinic-event.ts';
import { createRandom } from './random.ts';

export interface LiveRecordsOptions {
  seed: number;
  /** Of the run: another one's records have other ids. */
  startAt: number;
  clinic?: SimulatedClinic;
  /** Whether the clinic's own system books what calls agree on; it does unless told. */
  booksItself?: boolean;
}

/** What the clinic's system tells while calls come in. */
export interface LiveRecords {
  /** The events that follow from a call that has just ended, where one did, and what else goes on in the clinic then. */
  after(call: GeneratedCall | undefined, nowMs: number): ClinicEventBody[];
}

interface Open {
  id: string;
  patient: string;
  phone: string;
  doctor: string;
  start: number;
}

const minuteMs = 60_000;
const visitMs = 20 * minuteMs;
const mostOpen = 200;

/** Appointments that calls book, move and cancel; visits at the desk; messages. */
export function createLiveRecords(options: LiveRecordsOptions): LiveRecords {
  const { seed, startAt, clinic = demoCallers, booksItself = true } = options;
  const random = createRandom(seed + 2);
  const name = `l${seed}-${startAt.toString(36)}`;
  const { write } = createClinicEventWriter(name, clinic.timeZone);
  const says = (at: number) => withOffset(at, clinic.timeZone);
  const taken = new Set<string>();
  const open: Open[] = [];
  let numbered = 0;

  return {
    after(call, nowMs) {
      const outcome = booksItself ? call?.story.plot.outcome : undefined;
      const events: ClinicEventBody[] = [];
      if (call && outcome === 'booked') events.push(...book(call, nowMs));
      if (call && outcome === 'rescheduled') events.push(...move(call, nowMs));
      if (outcome === 'cancelled') {
        const given = open.shift();
        if (given) events.push(write('appointment.cancelled', given.id, nowMs, { cancelled_by: 'patient' }));
      }
      if (random.chance(0.25)) events.push(...visitNow(nowMs));
      return events;
    },
  };

  function book({ story, truth }: GeneratedCall, nowMs: number): ClinicEventBody[] {
    const start = freeStart(story.doctor, story.wish);
    if (start === undefined || !story.number.startsWith('+')) return [];
    numbered += 1;
    const id = `A-${name}-${numbered}`;
    const known = clinic.patients.find(({ phone, id: own }) => own && phone === story.number);
    const patient = known?.id ?? newId(story.number);
    const { number: phone } = story;
    open.push({ id, patient, phone, doctor: story.doctor, start });
    if (open.length > mostOpen) open.shift();
    return [
      ...(known
        ? []
        : [
            write('patient.updated', patient, nowMs, {
              phones: [phone],
              ...(truth.name && { full_name: truth.name }),
            }),
          ]),
      write('appointment.booked', id, nowMs + 1, {
        patient: { external_id: patient },
        practitioner: { name: `Dr. ${story.doctor}` },
        start: says(start),
        end: says(start + visitMs),
        channel: 'voice',
      }),
      message({ patient, phone }, nowMs + 2, 'booked', 'Your appointment is booked.', id),
    ];
  }

  function move({ story }: GeneratedCall, nowMs: number): ClinicEventBody[] {
    const moved = open.shift();
    const start = moved && freeStart(moved.doctor, story.wish);
    if (!moved || start === undefined) return [];
    const data = {
      start: says(start),
      end: says(start + visitMs),
      moved_from_start: says(moved.start),
      moved_from_end: says(moved.start + visitMs),
    };
    open.push({ ...moved, start });
    return [
      write('appointment.rescheduled', moved.id, nowMs, data),
      message(moved, nowMs + 1, 'moved', 'Your appointment has been moved.', moved.id),
    ];
  }

  /** Somebody who came without an appointment, while the clinic is open, and is done now. */
  function visitNow(nowMs: number): ClinicEventBody[] {
    const start = nowMs - random.between(15, 40) * minuteMs;
    const there = clinic.practitioners.filter(({ hours }) => isAtWork(hours, start, clinic.timeZone));
    if (there.length === 0) return [];
    numbered += 1;
    const id = `A-${name}-${numbered}`;
    const who = random.pick(clinic.patients);
    const patient = who.id ?? newId(who.phone);
    const missed = random.chance(0.1);
    const booked = [
      write('patient.updated', patient, start - 61 * minuteMs, {
        full_name: `${who.first} ${who.last}`,
        phones: [who.phone],
        ...(who.born && { date_of_birth: who.born }),
      }),
      write('appointment.booked', id, start - 60 * minuteMs, {
        patient: { external_id: patient },
        practitioner: { name: `Dr. ${random.pick(there).name}` },
        appointment_type: { name: random.pick(['Consultation', 'Follow-up']) },
        start: says(start),
        end: says(start + visitMs),
        channel: 'desk',
      }),
    ];
    if (missed) return [...booked, write('appointment.no_show', id, nowMs)];
    const late = random.between(0, 10);
    return [
      ...booked,
      write('appointment.checked_in', id, start + late * minuteMs, { late_minutes: late }),
      write('appointment.completed', id, nowMs),
    ];
  }

  function message(
    to: { patient: string; phone: string },
    atMs: number,
    campaign: string,
    body: string,
    appointment: string,
  ): ClinicEventBody {
    numbered += 1;
    return write('message.sent', `M-${name}-${numbered}`, atMs, {
      patient: { external_id: to.patient },
      channel: 'whatsapp',
      direction: 'outbound',
      from_address: clinic.number,
      to_address: to.phone,
      body,
      status: random.chance(0.04) ? 'undelivered' : 'delivered',
      template: `visit_${campaign}`,
      campaign,
      appointment,
    });
  }

  function freeStart(doctor: string, wish: GeneratedCall['story']['wish']): number | undefined {
    if (!wish) return undefined;
    const start = instantOfWall(Date.parse(`${wish.date}T${wish.time}:00Z`), clinic.timeZone);
    const near = [-15, 0, 15].map((minutes) => `${doctor} ${start + minutes * minuteMs}`);
    if (near.some((slot) => taken.has(slot))) return undefined;
    taken.add(`${doctor} ${start}`);
    return start;
  }
}

/** The clinic's id of somebody who has none yet. */
function newId(phone: string): string {
  return `P-sim-${phone.slice(1)}`;
}
