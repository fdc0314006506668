import type { RecordParts } from '@switchboard/domain/records/testing/record-factories';

/**
 * 30 records: appointments 1 to 8 the clinic's system tells of, 9 and 10 were booked here; 5 journeys with steps; the
 * conversations of 6 patients and of somebody unknown; 8 calls.
 */
export const most = { told: 8, visits: 10, patients: 6, contacts: 7, journeys: 5, calls: 8 };

export type Change = Event | Act;

/** What comes as an event. Times are Unix ms. */
export type Event =
  | { of: 'record'; type: string; id: string; at: number | null; fromFile: boolean; parts: RecordParts }
  | { of: 'message'; number: number; status: string | null; at: number }
  | {
      of: 'call';
      number: number;
      type: string;
      at: number;
      who: number;
      beganAt: number;
      status: string | null;
      outcome: string | null;
      intent: string | null;
      isSpoken: boolean;
      isNamed: boolean;
    };

/** What somebody at the desk does. */
export type Act =
  | { of: 'merge' | 'unmerge'; survivor: number; absorbed: number }
  | { of: 'state'; visit: number; to: (typeof states)[number]; at: number }
  | { of: 'move'; visit: number; practitioner: string; slot: number; at: number }
  | { of: 'answer'; contact: number; at: number; byAssistant: boolean }
  | { of: 'labels'; contact: number; labels: string[] }
  | { of: 'talk'; contact: number; to: 'open' | 'pending' | 'resolved'; at: number };

export const start = Date.parse('2026-11-20T05:00:00Z');
export const minute = 60_000;
const hour = 60 * minute;
export const states = ['confirmed', 'checked_in', 'completed', 'no_show', 'scheduled', 'cancelled'] as const;

/** Slots of different appointments overlap, and none begins when another does: who is first is no matter of ids. */
export const slotAt = (slot: number, visit: number) => start + 48 * hour + slot * 15 * minute + visit * 1_000;

export function isEvent(change: Change): change is Event {
  return change.of === 'record' || change.of === 'message' || change.of === 'call';
}
