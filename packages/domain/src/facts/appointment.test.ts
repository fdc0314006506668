import { describe, expect, it } from 'vitest';
import { bucketOf } from '../histogram.ts';
import { type AppointmentRecord, stateAppointmentFacts } from './appointment.ts';
import { appointment, at } from './testing/records.ts';

const state = (parts: Partial<AppointmentRecord>, zone = 'Asia/Kolkata') =>
  stateAppointmentFacts({ ...appointment, ...parts }, zone);

describe('what an appointment states', () => {
  it('counts by its start and by its making, each with all columns', () => {
    const { starts, created, cancelled } = state({});
    expect(starts).toMatchObject({ local_date: '2026-11-20', status: 'scheduled', ai_booked: 1 });
    expect(created).toMatchObject({ local_date: '2026-11-18', status: 'scheduled', ai_booked: 1 });
    expect(cancelled).toBeNull();
    expect(created?.lead_time_ms_hist).toEqual([bucketOf(2 * 86_400_000)]);
  });

  it('counts by its cancelling only while it is cancelled', () => {
    const cancelledAt = at('2026-11-19T20:00:00Z');
    const { cancelled } = state({ status: 'cancelled', cancelledAt, cancelledBy: 'patient' });
    expect(cancelled).toMatchObject({ local_date: '2026-11-20', patient_cancelled: 1, clinic_cancelled: 0 });
    expect(state({ status: 'scheduled', cancelledAt }).cancelled).toBeNull();
  });

  it.each(['held', 'entered_in_error'] as const)('states nothing when it is %s', (status) => {
    expect(state({ status })).toEqual({ starts: null, created: null, cancelled: null });
  });

  it('states nothing when it is a test', () => {
    expect(state({ isTest: true })).toEqual({ starts: null, created: null, cancelled: null });
  });

  it('is cancelled late from 24 hours before its start on', () => {
    const late = (iso: string) => state({ status: 'cancelled', cancelledAt: at(iso) }).starts?.late_cancelled;
    expect(late('2026-11-19T05:00:00Z')).toBe(0);
    expect(late('2026-11-19T05:00:00.001Z')).toBe(1);
    expect(late('2026-11-20T06:00:00Z')).toBe(1);
    expect(state({ status: 'no_show' }).starts?.late_cancelled).toBe(0);
  });

  it('loses its fee when missed and not taken by another', () => {
    const lost = (parts: Partial<AppointmentRecord>) => state(parts).starts?.lost_fee_micro;
    const late = { status: 'cancelled', cancelledAt: at('2026-11-20T01:00:00Z') } as const;
    expect(lost({ status: 'no_show' })).toBe(50_000_000_000);
    expect(lost(late)).toBe(50_000_000_000);
    expect(lost({ ...late, slotRefilledAt: at('2026-11-20T02:00:00Z') })).toBe(0);
    expect(lost({ status: 'completed' })).toBe(0);
    expect(lost({ status: 'no_show', feeMinor: null })).toBe(0);
  });

  it('tells how long its slot stood empty', () => {
    const cancelledAt = at('2026-11-19T01:00:00Z');
    const refilled = { status: 'cancelled', cancelledAt, slotRefilledAt: cancelledAt + 7_200_000 } as const;
    expect(state(refilled).cancelled).toMatchObject({
      slot_refilled: 1,
      refill_time_ms_hist: [bucketOf(7_200_000)],
    });
    expect(state({ ...refilled, slotRefilledAt: null }).cancelled).toMatchObject({
      slot_refilled: 0,
      refill_time_ms_hist: [],
    });
  });

  it('is confirmed in time only before its start', () => {
    const confirmed = (ms: number) => state({ confirmedAt: ms }).starts?.confirmed_in_time;
    expect(confirmed(appointment.startsAt - 1)).toBe(1);
    expect(confirmed(appointment.startsAt)).toBe(0);
  });

  it('is made for the same day by the clinic’s days', () => {
    const times = { createdAt: at('2026-11-20T04:30:00Z'), startsAt: at('2026-11-20T20:00:00Z') };
    expect(state(times, 'Asia/Kolkata').created?.same_day).toBe(0);
    expect(state(times, 'America/New_York').created?.same_day).toBe(0);
    expect(state(times, 'Europe/London').created?.same_day).toBe(1);
  });

  it('comes again and is booked again by what it is now', () => {
    const flags = { rebookedWithin30Days: true, returnedWithin90Days: true, overlaps: 2 };
    expect(state({ ...flags, status: 'no_show' }).starts).toMatchObject({
      rebooked_30d: 1,
      returned_90d: 0,
      overlaps: 0,
    });
    expect(state({ ...flags, status: 'completed' }).starts).toMatchObject({
      rebooked_30d: 0,
      returned_90d: 1,
      overlaps: 2,
    });
  });
});
