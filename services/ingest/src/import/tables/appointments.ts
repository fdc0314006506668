import {
  type Cells,
  clinicColumns,
  isCellError,
  minorUnits,
  patientColumns,
  type Table,
  textOf,
  typeOf,
  updatedAt,
} from '../table.ts';

const types = {
  scheduled: 'appointment.booked',
  booked: 'appointment.booked',
  confirmed: 'appointment.confirmed',
  rescheduled: 'appointment.rescheduled',
  checked_in: 'appointment.checked_in',
  arrived: 'appointment.checked_in',
  completed: 'appointment.completed',
  fulfilled: 'appointment.completed',
  done: 'appointment.completed',
  cancelled: 'appointment.cancelled',
  canceled: 'appointment.cancelled',
  no_show: 'appointment.no_show',
  noshow: 'appointment.no_show',
};

export const appointments: Table = {
  name: 'appointments',
  needs: ['id', 'start'],
  counts: {
    booked_at: 'they count as booked on no day, and in no lead time',
    confirmed_at: 'they count as never confirmed',
    checked_in_at: 'nobody knows who came late',
    cancelled_at: 'those that were cancelled count as cancelled on no day, and never late',
  },
  columns: [
    { name: 'id', form: 'text', aliases: ['appointment_id', 'external_id', 'appointment_no'] },
    ...patientColumns,
    ...clinicColumns,
    { name: 'appointment_type_id', form: 'text', to: 'appointment_type.external_id', aliases: ['type_id'] },
    {
      name: 'appointment_type',
      form: 'text',
      to: 'appointment_type.name',
      aliases: ['type', 'visit_type', 'service'],
    },
    {
      name: 'start',
      form: 'time',
      to: 'start',
      aliases: ['start_time', 'starts_at', 'start_at', 'appointment_time', 'scheduled_at'],
    },
    { name: 'end', form: 'time', to: 'end', aliases: ['end_time', 'ends_at', 'end_at'] },
    { name: 'duration_minutes', form: 'whole', aliases: ['duration', 'minutes'] },
    { name: 'status', form: 'word', aliases: ['state'] },
    { name: 'channel', form: 'word', to: 'channel' },
    { name: 'reason', form: 'text', to: 'reason', aliases: ['complaint'] },
    { name: 'fee', form: 'decimal', aliases: ['price', 'amount'] },
    { name: 'fee_minor', form: 'whole', to: 'fee_minor' },
    { name: 'fee_currency', form: 'text', to: 'fee_currency', aliases: ['currency'] },
    { name: 'booked_at', form: 'time', to: 'booked_at', aliases: ['created_at', 'created', 'booked_on'] },
    { name: 'moved_from_start', form: 'time', to: 'moved_from_start', aliases: ['previous_start'] },
    { name: 'confirmed_at', form: 'time', to: 'confirmed_at', aliases: ['confirmed_on'] },
    { name: 'checked_in_at', form: 'time', to: 'checked_in_at', aliases: ['arrived_at', 'check_in_time'] },
    { name: 'completed_at', form: 'time', to: 'completed_at', aliases: ['finished_at'] },
    { name: 'cancelled_at', form: 'time', to: 'cancelled_at', aliases: ['canceled_at'] },
    { name: 'cancelled_by', form: 'word', to: 'cancelled_by', aliases: ['canceled_by'] },
    { name: 'cancel_reason', form: 'text', to: 'cancel_reason', aliases: ['cancellation_reason'] },
    { name: 'late_minutes', form: 'whole', to: 'late_minutes' },
    { name: 'journey_id', form: 'text', to: 'journey', aliases: ['journey'] },
    { name: 'notes', form: 'text', to: 'notes', aliases: ['note', 'remarks'] },
    updatedAt,
  ],
  read(cells, data) {
    const type = typeOf(cells, types, 'appointment.booked');
    if (isCellError(type)) return type;
    const fee = minorUnits(cells, 'fee', 'fee_currency');
    if (isCellError(fee)) return fee;
    const end = data.end ?? endOf(cells);
    const said = {
      ...data,
      ...(end !== undefined && { end }),
      ...(fee !== undefined && { fee_minor: Math.round(fee) }),
    };
    return [{ type, subject: textOf(cells, 'id') ?? '', data: said }];
  },
};

function endOf(cells: Cells): string | undefined {
  const start = textOf(cells, 'start');
  const minutes = cells.get('duration_minutes');
  if (start === undefined || typeof minutes !== 'number') return undefined;
  return new Date(Date.parse(start) + minutes * 60_000).toISOString();
}
