/** An event as a vendor has it: the same however often it is posted. */
export interface LedgerEvent {
  /** The vendor's id of the event. */
  id: string;
  /** The vendor's id of the call. */
  callId: string;
  /** Turns of the transcript that it carries. */
  turns: number;
  /** What it says of its call, where that is held against what is stored. */
  says?: LedgerWords;
}

/** What an event says: of two words on one field that of the greater rank holds, of one rank the later one. */
export interface LedgerWords {
  rank: number;
  /** Unix ms. */
  atMs: number;
  fields: Readonly<Record<string, string | number>>;
}

/** One call, as all accepted events together tell it. */
export interface LedgerCall {
  events: Set<string>;
  turns: number;
  /** The word that holds on each field, whatever the order in which events came. */
  says: ReadonlyMap<string, { value: string | number; rank: number; atMs: number }>;
}

/** How one posting went, all its tries together. */
export interface Delivery {
  event: LedgerEvent;
  accepted: boolean;
  tries: number;
  /** Of the last answer; 0: none came. */
  status: number;
  /** How long the last answer took, ms. */
  answerMs: number;
}

export interface LedgerSummary {
  calls: number;
  /** Distinct events that were to be delivered. */
  events: number;
  /** Distinct events that were accepted at least once. */
  accepted: number;
  /** Postings: events, and the same again. */
  deliveries: number;
  /** Postings that were accepted at a later try than the first. */
  acceptedLater: number;
  /** How many postings took how many tries. */
  tries: Record<string, number>;
  /** Of postings that were not accepted, the last answers. */
  refusals: Record<string, number>;
  /** Of the answers that accepted, ms. */
  answerMs: { p50: number; p95: number; p99: number; max: number };
}

/** Remembers everything that was posted and what was said to it. */
export interface Ledger {
  note(delivery: Delivery): void;
  /** Calls of which an event was accepted, by the vendor's id. */
  readonly calls: ReadonlyMap<string, LedgerCall>;
  /** Ids of events of which no posting was accepted. */
  missing(): string[];
  summary(): LedgerSummary;
}

export function createLedger(): Ledger {
  const calls = new Map<
    string,
    LedgerCall & { says: Map<string, { value: string | number; rank: number; atMs: number }> }
  >();
  const accepted = new Set<string>();
  const events = new Set<string>();
  const deliveries: Omit<Delivery, 'event'>[] = [];
  const callOf = (id: string) => {
    const call = calls.get(id) ?? { events: new Set<string>(), turns: 0, says: new Map() };
    calls.set(id, call);
    return call;
  };
  return {
    calls,
    note({ event, ...delivery }) {
      deliveries.push(delivery);
      events.add(event.id);
      if (!delivery.accepted) return;
      accepted.add(event.id);
      const call = callOf(event.callId);
      call.events.add(event.id);
      call.turns = Math.max(call.turns, event.turns);
      const { rank = 0, atMs = 0, fields = {} } = event.says ?? {};
      for (const [name, value] of Object.entries(fields)) {
        const held = call.says.get(name);
        if (!held || rank > held.rank || (rank === held.rank && atMs > held.atMs))
          call.says.set(name, { value, rank, atMs });
      }
    },
    missing: () => [...events].filter((id) => !accepted.has(id)),
    summary() {
      const good = deliveries.filter((delivery) => delivery.accepted);
      const answers = good.map(({ answerMs }) => answerMs).sort((a, b) => a - b);
      const quantile = (q: number) =>
        answers[Math.min(answers.length - 1, Math.floor(q * answers.length))] ?? 0;
      return {
        calls: calls.size,
        events: events.size,
        accepted: accepted.size,
        deliveries: deliveries.length,
        acceptedLater: good.filter(({ tries }) => tries > 1).length,
        tries: countEach(deliveries.map(({ tries }) => tries)),
        refusals: countEach(deliveries.filter((delivery) => !delivery.accepted).map(({ status }) => status)),
        answerMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99), max: answers.at(-1) ?? 0 },
      };
    },
  };
}

function countEach(values: readonly number[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
