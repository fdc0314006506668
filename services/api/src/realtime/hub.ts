import type { Logger } from '@switchboard/platform';
import type { ReadSnapshot, Snapshot } from './snapshots.ts';

/** Seconds between two events, or as soon as something changed. */
export type Pace = number | 'live';

export interface Listener {
  pace: Pace;
  /** The first call is with what stands now. */
  send(event: 'snapshot' | 'metrics', snapshot: Snapshot): void;
}

export interface HubOptions {
  read: ReadSnapshot;
  logger: Logger;
  /** Whether changes are being told; while not, live listeners get an event each second. */
  isHearing(): boolean;
  /** The clock that decides when a clinic's day turns. */
  now(): number;
}

export interface Hub {
  /** What a listener would be told first. */
  snapshot(tenantId: string): Promise<Snapshot>;
  /** Sends a snapshot, then goes on at the listener's pace until the returned function is called. */
  listen(tenantId: string, listener: Listener): Promise<() => void>;
  /** Facts of these tenants became visible; null: of all. */
  changed(tenantIds: readonly string[] | null): void;
  size(): number;
  close(): void;
}

/** `waiting`: for its snapshot; it is told nothing else yet. */
type Told = 'waiting' | { version: number };

interface Room {
  /** With the version of what each was told last. */
  listeners: Map<Listener, Told>;
  timers: Map<Pace, NodeJS.Timeout>;
  /**
   * Raised by every change. Whoever compares with it learns of a change by himself: that somebody else read meanwhile
   * takes it from nobody.
   */
  version: number;
  last?: Reading;
  /** When the day ends that the last snapshot counts. */
  dayEnds: number;
  live: { sentAt: number; readMs: number };
  /** Whose numbers are being read: while that takes longer than a tick, no other read is begun for it. */
  reading: Set<Pace>;
}

/** What was read, when it was begun, and the room's version then. */
interface Reading {
  at: number;
  isOver: boolean;
  version: number;
  snapshot: Promise<Snapshot>;
}

const secondMs = 1_000;
const lookMs = 50;
/** Some numbers change with the clock alone: a call whose end was lost is in progress no more after some hours. */
const oldMs = 30_000;

/** One room per tenant: however many listen there, a tick reads once. */
export function createHub({ read, logger, isHearing, now }: HubOptions): Hub {
  const rooms = new Map<string, Room>();

  return {
    async snapshot(tenantId) {
      const room = rooms.get(tenantId) ?? createRoom();
      rooms.set(tenantId, room);
      try {
        return await current(tenantId, room).snapshot;
      } finally {
        tidy(tenantId, room);
      }
    },
    async listen(tenantId, listener) {
      const room = rooms.get(tenantId) ?? createRoom();
      rooms.set(tenantId, room);
      room.listeners.set(listener, 'waiting');
      const leave = () => {
        room.listeners.delete(listener);
        tidy(tenantId, room);
      };
      try {
        const { version, snapshot } = current(tenantId, room);
        listener.send('snapshot', await snapshot);
        if (!room.listeners.has(listener)) return leave;
        room.listeners.set(listener, { version });
      } catch (error) {
        leave();
        throw error;
      }
      startTimer(tenantId, room, listener.pace);
      return leave;
    },
    changed(tenantIds) {
      for (const tenantId of tenantIds ?? rooms.keys()) {
        const room = rooms.get(tenantId);
        if (room) room.version += 1;
      }
    },
    size: () => [...rooms.values()].reduce((sum, room) => sum + room.listeners.size, 0),
    close() {
      for (const { timers, listeners } of rooms.values()) {
        for (const timer of timers.values()) clearInterval(timer);
        listeners.clear();
      }
      rooms.clear();
    },
  };

  function current(tenantId: string, room: Room): Reading {
    turnDay(room);
    const { last, version } = room;
    // Who reads beside one that is under way has nothing newer, and may be answered before it.
    if (last && last.version === version && (!last.isOver || Date.now() - last.at < secondMs)) return last;
    const reading: Reading = { at: Date.now(), isOver: false, version, snapshot: read(tenantId) };
    room.last = reading;
    reading.snapshot.then(
      ({ dayEnds }) => {
        reading.isOver = true;
        room.dayEnds = dayEnds;
      },
      () => {
        if (room.last === reading) room.last = undefined;
      },
    );
    return reading;
  }

  /** At midnight all numbers of today change, though no fact came. */
  function turnDay(room: Room): void {
    if (now() < room.dayEnds) return;
    room.dayEnds = Number.POSITIVE_INFINITY;
    room.version += 1;
  }

  function startTimer(tenantId: string, room: Room, pace: Pace): void {
    if (room.timers.has(pace)) return;
    const timer =
      pace === 'live'
        ? setInterval(() => void tickLive(tenantId, room), lookMs)
        : setInterval(() => void tick(tenantId, room, pace), pace * secondMs);
    timer.unref();
    room.timers.set(pace, timer);
    // What was told now is no older than the snapshot.
    if (pace === 'live') room.live.sentAt = Date.now();
  }

  /**
   * Looks often whether somebody was not told the last change, or nothing for long, and tells it at most once a second:
   * what is read a little ahead is sent when its second is over.
   */
  async function tickLive(tenantId: string, room: Room): Promise<void> {
    turnDay(room);
    const { live, reading } = room;
    const sinceSent = Date.now() - live.sentAt;
    if (reading.has('live') || (!isBehind(room) && isHearing() && sinceSent < oldMs)) return;
    if (sinceSent < secondMs - Math.min(live.readMs, secondMs / 2)) return;
    reading.add('live');
    try {
      const startedAt = Date.now();
      const { version, snapshot } = current(tenantId, room);
      const read = await snapshot;
      live.readMs = Date.now() - startedAt;
      const early = live.sentAt + secondMs - Date.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      live.sentAt = Date.now();
      sendMetrics(room, 'live', read, version);
    } catch (error) {
      live.sentAt = Date.now();
      logger.warn({ error }, 'live numbers could not be read');
    } finally {
      reading.delete('live');
    }
  }

  function isBehind({ listeners, version }: Room): boolean {
    for (const [{ pace }, told] of listeners)
      if (pace === 'live' && told !== 'waiting' && told.version !== version) return true;
    return false;
  }

  async function tick(tenantId: string, room: Room, pace: Pace): Promise<void> {
    if (room.reading.has(pace)) return;
    room.reading.add(pace);
    try {
      const { version, snapshot } = current(tenantId, room);
      sendMetrics(room, pace, await snapshot, version);
    } catch (error) {
      logger.warn({ error }, 'live numbers could not be read');
    } finally {
      room.reading.delete(pace);
    }
  }

  /** A listener that was told this or something newer while it was read is told nothing old. */
  function sendMetrics(room: Room, pace: Pace, snapshot: Snapshot, version: number): void {
    for (const [listener, told] of room.listeners) {
      if (listener.pace !== pace || told === 'waiting' || told.version > version) continue;
      room.listeners.set(listener, { version });
      listener.send('metrics', snapshot);
    }
  }

  function tidy(tenantId: string, room: Room): void {
    const paces = new Set([...room.listeners.keys()].map(({ pace }) => pace));
    for (const [pace, timer] of room.timers) {
      if (paces.has(pace)) continue;
      clearInterval(timer);
      room.timers.delete(pace);
    }
    if (room.listeners.size === 0 && rooms.get(tenantId) === room) rooms.delete(tenantId);
  }
}

const createRoom = (): Room => ({
  listeners: new Map(),
  timers: new Map(),
  version: 0,
  dayEnds: Number.POSITIVE_INFINITY,
  live: { sentAt: 0, readMs: 0 },
  reading: new Set(),
});
