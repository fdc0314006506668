import { wishAt } from './calendar.ts';
import { callEvents, withOffset } from './call-generator.ts';
import { tellCall } from './call-story.ts';
import type { KnownCaller, SimulatedClinic } from './clinic.ts';
import { type CallTools, createCallTools, type ToolSlot, type ToolsOptions } from './live-tools.ts';
import { personOf } from './people.ts';
import { type Plot, plots } from './plots.ts';
import { createRandom } from './random.ts';
import type { WebhookBody } from './webhook-body.ts';

export interface LiveCallsOptions {
  seed: number;
  /** Of the run: another one's calls have other ids. */
  startAt: number;
  clinic: SimulatedClinic;
  tools: ToolsOptions;
}

/** Calls in which the voice agent books, moves and cancels by the clinic's tools. */
export interface LiveCalls {
  /**
   * One call: `begun` gets the webhook that it has begun, then the tools are asked.
   * @param plot one that ends `booked`, `rescheduled` or `cancelled`
   * @returns what follows when it is over, in order, told by what the tools did
   */
  next(plot: Plot, begun: (body: WebhookBody) => Promise<unknown>): Promise<WebhookBody[]>;
}

interface Visit {
  appointmentId: string;
  code: string | undefined;
  caller: KnownCaller;
  doctor: string;
}

/** What came of a call. */
interface Outcome {
  plot: Plot;
  slot?: ToolSlot;
  doctor: string;
}

const refused = plots.find(({ kind }) => kind === 'slot-refused');
const bookingPlots = plots.filter(({ outcome, state }) => outcome === 'booked' && state !== 'none');
const mostOpen = 200;
/** How long ago a call began that ends now: about as long as its words last. */
const callMs = 75_000;

/** Whether the voice agent needs the tools for it. */
export function needsTools({ outcome, state }: Plot): boolean {
  return outcome === 'cancelled' || ((outcome === 'booked' || outcome === 'rescheduled') && state !== 'none');
}

export function createLiveCalls({ seed, startAt, clinic, tools }: LiveCallsOptions): LiveCalls {
  const random = createRandom(seed + 3);
  const open: Visit[] = [];
  let made = 0;
  const doctorOf = (slot: ToolSlot) => slot.practitioner.name.replace(/^Dr\. /, '');

  /** Mostly somebody the clinic knows; others call for the first time. */
  function pickCaller(): KnownCaller {
    const known = random.chance(clinic.knownCallers ?? 0.4);
    return known ? random.pick(clinic.patients) : personOf(clinic, 100_000 + random.between(0, 20_000));
  }

  async function book(use: CallTools['use'], plot: Plot, caller: KnownCaller): Promise<Outcome> {
    const doctor = random.pick(clinic.practitioners).name;
    const who = await use('patient-lookup', {
      phone: caller.phone,
      name: `${caller.first} ${caller.last}`,
      ...(caller.born && { date_of_birth: caller.born }),
    });
    const found = await use('available-slots', { practitioner: `Dr. ${doctor}`, limit: 10 });
    const slots = found?.slots ?? [];
    const patient =
      who?.verified && who.patient ? { patient_id: who.patient.id } : { patient: details(caller) };
    let slot = slots.length > 0 ? random.pick(slots) : undefined;
    let booked = slot && (await use('book-appointment', { slot_id: slot.slot_id, ...patient }));
    if (booked?.code === 'SLOT_TAKEN' && booked.alternatives?.[0]) {
      slot = booked.alternatives[0];
      booked = await use('book-appointment', { slot_id: slot.slot_id, ...patient });
    }
    if (!slot || !booked?.ok || !booked.appointment) return { plot: refused ?? plot, doctor };
    const { id: appointmentId, confirmation_code: code } = booked.appointment;
    open.push({ appointmentId, code, caller, doctor: doctorOf(slot) });
    if (open.length > mostOpen) open.shift();
    return { plot, slot, doctor: doctorOf(slot) };
  }

  async function change(use: CallTools['use'], plot: Plot, visit: Visit): Promise<Outcome> {
    const { caller, doctor } = visit;
    await use('patient-lookup', {
      phone: caller.phone,
      name: `${caller.first} ${caller.last}`,
      ...(caller.born && { date_of_birth: caller.born }),
    });
    const which = visit.code ? { confirmation_code: visit.code } : { appointment_id: visit.appointmentId };
    if (plot.outcome === 'cancelled') {
      await use('cancel-appointment', { ...which, reason: 'Patient called' });
      return { plot, doctor };
    }
    const found = await use('available-slots', { practitioner: `Dr. ${doctor}`, limit: 10 });
    const slot = found?.slots?.length ? random.pick(found.slots) : undefined;
    const moved = slot && (await use('reschedule-appointment', { ...which, slot_id: slot.slot_id }));
    if (!moved?.ok) return { plot: refused ?? plot, doctor };
    open.push(visit);
    return { plot, slot, doctor };
  }

  return {
    async next(wanted, begun) {
      const callId = `zc_${seed}_${startAt.toString(36)}_t${made++}`;
      const startMs = Date.now() - callMs;
      const says = (ms: number) => withOffset(ms, clinic.timeZone);
      const visit = wanted.outcome === 'booked' ? undefined : open.shift();
      const plot = visit || wanted.outcome === 'booked' ? wanted : random.pick(bookingPlots);
      const caller = visit?.caller ?? pickCaller();
      await begun({
        event: 'call.started',
        event_id: `evt_${callId}_call.started`,
        occurred_at: says(startMs),
        call: {
          id: callId,
          direction: 'inbound',
          from: caller.phone,
          to: clinic.number,
          status: 'in_progress',
          started_at: says(startMs),
        },
      });
      const used = createCallTools(tools, callId, says);
      const done = visit ? await change(used.use, plot, visit) : await book(used.use, plot, caller);
      const wish = done.slot && wishAt(random, startMs, clinic.timeZone, timeOf(done.slot.start));
      const story = tellCall(random, clinic, startMs, {
        plot: done.plot,
        doctor: done.doctor,
        caller: { name: `${caller.first} ${caller.last}`, number: caller.phone },
        wish,
      });
      const endMs = startMs + story.durationSeconds * 1_000;
      return callEvents(random, clinic, story, callId, endMs)
        .filter(({ event }) => event !== 'call.started')
        .map((body) => (body.tool_calls ? { ...body, tool_calls: used.uses() } : body));
    },
  };
}

function details({ first, last, phone, born }: KnownCaller): Record<string, string> {
  return { first_name: first, last_name: last, phone, ...(born && { date_of_birth: born }) };
}

/** @param start RFC 3339 with the clinic's offset */
function timeOf(start: string): { date: string; minutes: number } {
  return {
    date: start.slice(0, 10),
    minutes: Number(start.slice(11, 13)) * 60 + Number(start.slice(14, 16)),
  };
}
