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

interface Room {
  /** Those that wait for their snapshot are told nothing else yet. */
  listeners: Map<Listener, 'waiting' | 'listening'>;
  timers: Map<Pace, NodeJS.Timeout>;
  /** What was read last, when it was begun, and whether something changed since then. */
  last?: { at: number; snapshot: Promise<Snapshot> };
  stale: boolean;
  live: { sentAt: number; readMs: number; isReading: boolean };
}

const secondMs = 1_000;
const lookMs = 50;

/** One room per tenant: however many listen there, a tick reads once. */
export function createHub({ read, logger, isHearing }: HubOptions): Hub {
  const rooms = new Map<string, Room>();

  return {
    async snapshot(tenantId) {
      const room = rooms.get(tenantId) ?? createRoom();
      rooms.set(tenantId, room);
      try {
        return await current(tenantId, room);
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
        const first = current(tenantId, room);
        listener.send('snapshot', await first);
        if (!room.listeners.has(listener)) return leave;
        room.listeners.set(listener, 'listening');
        // A tick that came while this one waited for its snapshot has told the others something newer.
        if (room.last && room.last.snapshot !== first) listener.send('metrics', await room.last.snapshot);
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
        if (room) room.stale = true;
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

  function current(tenantId: string, room: Room): Promise<Snapshot> {
    const { last } = room;
    if (last && !room.stale && Date.now() - last.at < secondMs) return last.snapshot;
    room.stale = false;
    const snapshot = read(tenantId);
    room.last = { at: Date.now(), snapshot };
    snapshot.catch(() => {
      room.stale = true;
    });
    return snapshot;
  }

  function startTimer(tenantId: string, room: Room, pace: Pace): void {
    if (room.timers.has(pace)) return;
    const timer =
      pace === 'live'
        ? setInterval(() => void tickLive(tenantId, room), lookMs)
        : setInterval(() => void tick(tenantId, room, pace), pace * secondMs);
    timer.unref();
    room.timers.set(pace, timer);
  }

  /**
   * Looks often whether something changed, and tells it at most once a second: what is read a little ahead is sent
   * when its second is over.
   */
  async function tickLive(tenantId: string, room: Room): Promise<void> {
    const { live } = room;
    const sinceSent = Date.now() - live.sentAt;
    if (live.isReading || (!room.stale && isHearing())) return;
    if (sinceSent < secondMs - Math.min(live.readMs, secondMs / 2)) return;
    live.isReading = true;
    try {
      const startedAt = Date.now();
      const snapshot = await current(tenantId, room);
      live.readMs = Date.now() - startedAt;
      const early = live.sentAt + secondMs - Date.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      live.sentAt = Date.now();
      sendMetrics(room, 'live', snapshot);
    } catch (error) {
      live.sentAt = Date.now();
      logger.warn({ error }, 'live numbers could not be read');
    } finally {
      live.isReading = false;
    }
  }

  async function tick(tenantId: string, room: Room, pace: Pace): Promise<void> {
    try {
      sendMetrics(room, pace, await current(tenantId, room));
    } catch (error) {
      logger.warn({ error }, 'live numbers could not be read');
    }
  }

  function sendMetrics(room: Room, pace: Pace, snapshot: Snapshot): void {
    for (const [listener, state] of room.listeners)
      if (listener.pace === pace && state === 'listening') listener.send('metrics', snapshot);
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
  stale: false,
  live: { sentAt: 0, readMs: 0, isReading: false },
});
