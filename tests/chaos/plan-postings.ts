import type { LedgerEvent } from '@switchboard/testkit/ledger';
import { createRandom, type Random } from './random.ts';

/** One posting that a vendor sets out to make. */
export interface Posting {
  /** From the begin of the traffic, ms. */
  atMs: number;
  event: LedgerEvent;
  body: string;
}

export interface TrafficOptions {
  seed: number;
  calls: number;
  /** Calls that begin per second. */
  rate: number;
  /** Makes the ids of this traffic its own. */
  name: string;
  /** Unix ms; no call began later. */
  now: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * Calls with several events each, posted within seconds: some late or in another order, some events again after a
 * while, some twice at once. A pure function of its options.
 */
export function planPostings({ seed, calls, rate, name, now }: TrafficOptions): Posting[] {
  const random = createRandom(seed);
  const postings: Posting[] = [];
  for (let index = 0; index < calls; index += 1) {
    const callId = `zc_${name}_${seed}_${index}`;
    let atMs = (index / rate) * 1000;
    const events = eventsOf(random, callId, now);
    for (const event of random.chance(0.15) ? random.shuffle(events) : events) {
      const posting = { ...event, atMs };
      postings.push(posting);
      if (random.chance(0.06)) postings.push({ ...posting, atMs: atMs + random.below(8_000) });
      if (random.chance(0.02)) postings.push(posting);
      atMs += random.chance(0.05) ? random.below(10_000) : random.below(800);
    }
  }
  return postings.sort((a, b) => a.atMs - b.atMs);
}

function eventsOf(random: Random, callId: string, now: number): Omit<Posting, 'atMs'>[] {
  const durationMs = 20_000 + random.below(8 * MINUTE);
  // Nine in ten of today and yesterday; the others come late.
  const startedAt = now - durationMs - MINUTE - random.below(random.chance(0.9) ? DAY : 5 * DAY);
  const phone = `+9198${String(10_000_000 + random.below(400)).padStart(8, '0')}`;
  const call = {
    id: callId,
    direction: random.chance(0.85) ? 'inbound' : 'outbound',
    from: phone,
    to: '+912240001234',
    started_at: new Date(startedAt).toISOString(),
    agent: { id: random.pick(['ag_1', 'ag_2', 'ag_3']), version: '3' },
  };
  const finished = {
    ...call,
    status: random.chance(0.9) ? 'completed' : random.pick(['failed', 'no_answer', 'voicemail']),
    answered_at: new Date(startedAt + 2_000).toISOString(),
    ended_at: new Date(startedAt + durationMs).toISOString(),
    duration_seconds: Math.round(durationMs / 1000),
    end_reason: random.pick(['caller_hangup', 'agent_hangup', 'transferred']),
    cost: { amount: random.below(60), currency: 'USD' },
  };
  const turns = turnsOf(random);
  const eventOf = (kind: string, afterMs: number, body: object, turnCount = 0): Omit<Posting, 'atMs'> => {
    const id = `evt_${callId}_${kind}`;
    const occurredAt = new Date(startedAt + afterMs).toISOString();
    return {
      event: { id, callId, turns: turnCount },
      body: JSON.stringify({ event: kind, event_id: id, occurred_at: occurredAt, ...body }),
    };
  };
  const all = [
    eventOf(
      'call.completed',
      durationMs,
      { call: finished, transcript: { language: 'en', turns } },
      turns.length,
    ),
  ];
  if (random.chance(0.5))
    all.unshift(eventOf('call.started', 0, { call: { ...call, status: 'in_progress' } }));
  if (random.chance(0.4)) {
    const outcome = random.pick(['booked', 'answered', 'cancelled', 'unresolved']);
    all.push(
      eventOf('call.analyzed', durationMs + 5_000, { call, outcome, summary: 'The caller was served.' }),
    );
  }
  if (random.chance(0.3)) {
    const recording = { url: `https://recordings.example/${callId}.mp3`, format: 'mp3' };
    all.push(eventOf('recording.ready', durationMs + 9_000, { call, recording }));
  }
  return all;
}

const ASKED = [
  'I would like to book an appointment with a dentist.',
  'Can I see Doctor Mehta tomorrow at four in the afternoon?',
  'I have to cancel my appointment on Monday.',
  'What are your opening hours on Saturday?',
  'I was charged twice, that is not acceptable.',
];

function turnsOf(random: Random) {
  const name = `${random.pick(['Farida', 'Meera', 'Sanjay', 'Imran'])} ${random.pick(['Contractor', 'Kulkarni', 'Das'])}`;
  const said = [
    'Good morning, how may I help you?',
    `Hello, my name is ${name}. ${random.pick(ASKED)}`,
    ...Array.from({ length: random.below(5) }, (_, index) =>
      index % 2 === 0 ? 'Certainly. Is there anything else?' : random.pick(ASKED),
    ),
  ];
  return said.map((text, index) => ({
    index,
    speaker: index % 2 === 0 ? 'agent' : 'caller',
    text,
    start_ms: index * 4_000,
  }));
}
