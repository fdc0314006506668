import { isOpenAt } from '@switchboard/domain/business-hours';
import { stateAppointmentFacts } from '@switchboard/domain/facts/appointment';
import { type Add, by, type ClinicView, dayMs } from './clinic-view.ts';
import type { PlainAppointment } from './plain-rows.ts';

/** Each appointment held against all others. */
export function recountVisits({ visits, wayOf, departmentOf, rules }: ClinicView, add: Add): void {
  const { hours, zone } = rules;
  for (const one of visits) {
    const way = wayOf(one.patient_id);
    const place = way.findIndex((event) => event.id === one.id);
    const before = way.slice(0, Math.max(0, place));
    const lastBooking = before.findLastIndex((event) => event.booking === 1);
    const others = visits.filter((other) => other.id !== one.id);
    const own = others.filter((other) => one.patient_id !== null && other.patient_id === one.patient_id);
    const lostAt = one.status === 'cancelled' ? (one.cancelled_at ?? one.starts_at) : one.starts_at;
    const freedAt = one.status === 'cancelled' ? one.cancelled_at : one.starts_at;
    const short = (visit: Pick<PlainAppointment, 'starts_at' | 'ends_at'>) =>
      visit.ends_at - visit.starts_at <= dayMs;
    const beside = others.filter(
      (other) =>
        one.practitioner_id !== null &&
        other.practitioner_id === one.practitioner_id &&
        other.starts_at < one.ends_at &&
        one.starts_at < other.ends_at &&
        short(one) &&
        short(other),
    );
    const refills = beside
      .filter((other) => other.status !== 'cancelled')
      .filter((other) => other.patient_id === null || other.patient_id !== one.patient_id)
      .map((other) => (other.moves === 0 ? other.booked_at : Math.max(other.booked_at, other.moved_at ?? 0)))
      .filter((takenAt) => freedAt !== null && takenAt >= freedAt);
    add(
      'appointment',
      one.id,
      stateAppointmentFacts(
        {
          status: one.status,
          isTest: false,
          startsAt: one.starts_at,
          endsAt: one.ends_at,
          createdAt: one.booked_at,
          bookingTimeUnknown: one.booking_time_unknown,
          channel: one.channel,
          appointmentType: one.appointment_type_id ?? null,
          practitionerId: one.practitioner_id,
          departmentId: departmentOf(one.practitioner_id),
          locationId: one.location_id ?? null,
          patientId: one.patient_id,
          confirmedAt: one.confirmed_at,
          checkedInAt: one.checked_in_at,
          cancelledAt: one.cancelled_at,
          cancelledBy: one.cancelled_by,
          moves: one.moves,
          bookedByAi: one.tool_call_id !== null || (one.call_id !== null && one.channel === 'voice'),
          bookedAfterHours: !isOpenAt(hours, one.booked_at, zone),
          feeMinor: one.fee_minor,
          feeCurrency: one.fee_currency,
          firstAppointment: one.patient_id !== null && lastBooking === -1,
          firstEvent: place === 0,
          contactsBefore: before.slice(lastBooking + 1).length,
          rebookedWithin30Days: own.some(
            (other) => other.booked_at > lostAt && other.booked_at <= lostAt + 30 * dayMs,
          ),
          returnedWithin90Days: own.some(
            (other) =>
              (other.status === 'checked_in' || other.status === 'completed') &&
              by<PlainAppointment>(
                (visit) => visit.starts_at,
                (visit) => visit.id,
              )(one, other) < 0 &&
              other.starts_at <= one.starts_at + 90 * dayMs,
          ),
          slotRefilledAt: refills.length === 0 ? null : Math.min(...refills),
          overlaps: beside.filter(
            (other) =>
              other.status !== 'cancelled' &&
              other.status !== 'no_show' &&
              by<PlainAppointment>(
                (visit) => visit.starts_at,
                (visit) => visit.id,
              )(other, one) < 0,
          ).length,
        },
        zone,
      ),
    );
  }
}
