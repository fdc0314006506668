import { appointmentFact } from '../facts/appointment.ts';
import { conversationFact } from '../facts/conversation.ts';
import { journeyFact } from '../facts/journey.ts';
import { journeyStepFact } from '../facts/journey-step.ts';
import {
  metricsOf,
  past,
  quantile,
  type RecordMetricDefinition,
  ratio,
  recordsNow,
  sum,
  termsOf,
} from './record-metric.ts';

/** Steps are often entered days after they happened. */
const metric = metricsOf({ category: 'journeys', settlesAfter: 'P7D' });
const started = termsOf(journeyFact, 'started');
const ended = termsOf(journeyFact, 'ended');
const due = termsOf(journeyStepFact, 'due');
const done = termsOf(journeyStepFact, 'completed');
const visits = termsOf(appointmentFact, 'starts');
const bookings = termsOf(appointmentFact, 'created');
const contacts = termsOf(conversationFact, 'created');
const endedAs = (status: string) => ended('journeys', { status: [status] });
const visitsWith = (status: string) => visits('appointments', { status: [status] });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const journeys: RecordMetricDefinition[] = [
  metric(
    'journeys_total',
    'Journeys',
    'journeys',
    'neither',
    'All journeys there are, whatever their status.',
    recordsNow({ journeys: ['status', 'entered_in_error'] }),
    { synonyms: ['how many journeys'] },
  ),
  metric(
    'journeys_started',
    'Journeys started',
    'journeys',
    'up',
    'Journeys that started in the period.',
    sum(started()),
    { synonyms: ['new journeys'] },
  ),
  metric(
    'journeys_active',
    'Active journeys',
    'journeys',
    'neither',
    'Journeys that are under way now.',
    recordsNow({ journeys: ['status', 'entered_in_error'] }),
  ),
  metric(
    'journeys_completed',
    'Journeys completed',
    'journeys',
    'up',
    'Journeys that were completed in the period.',
    sum(endedAs('completed')),
  ),
  metric(
    'journeys_paused',
    'Paused journeys',
    'journeys',
    'down',
    'Journeys that are paused now.',
    recordsNow({ journeys: ['status', 'entered_in_error'] }),
  ),
  metric(
    'journeys_canceled',
    'Journeys canceled',
    'journeys',
    'down',
    'Journeys that were canceled in the period.',
    sum(endedAs('canceled')),
  ),
  metric(
    'journey_completion_rate',
    'Journey completion rate',
    'ratio',
    'up',
    'Of the journeys that ended in the period, those that were completed.',
    ratio(endedAs('completed'), ended()),
  ),
  metric(
    'journey_progress_mean',
    'Journey progress',
    'ratio',
    'up',
    'Of all steps of the journeys that started in the period, those done.',
    ratio(started('steps_done'), started('steps')),
  ),
  metric(
    'journey_duration_median_days',
    'Journey duration, median',
    'days',
    'down',
    'Half of the journeys completed in the period took no longer than this.',
    quantile(ended('duration_ms_hist'), 0.5, dayMs),
  ),
  metric(
    'journey_pause_rate',
    'Journey pause rate',
    'ratio',
    'down',
    'Of the journeys that started in the period, those that were paused at least once.',
    ratio(started('was_paused'), started()),
    { settlesAfter: 'P90D' },
  ),
  metric(
    'journey_resume_rate',
    'Journey resume rate',
    'ratio',
    'up',
    'Of the journeys that started in the period and were paused, those that were resumed.',
    ratio(started('was_resumed'), started('was_paused')),
    { settlesAfter: 'P90D' },
  ),
];

const steps: RecordMetricDefinition[] = [
  metric(
    'journey_steps_completed',
    'Steps completed',
    'steps',
    'up',
    'Steps that were completed in the period.',
    sum(done()),
  ),
  metric(
    'journey_steps_due',
    'Steps due',
    'steps',
    'neither',
    'Steps whose due date is in the period.',
    sum(due()),
  ),
  metric(
    'journey_steps_overdue',
    'Steps overdue',
    'steps',
    'down',
    'Steps due in the period whose due hour is over and that are still open.',
    sum(past(due('open'))),
    { synonyms: ['late steps'] },
  ),
  metric(
    'journey_overdue_rate',
    'Overdue rate',
    'ratio',
    'down',
    'Of the steps whose due hour is over, those that are still open.',
    ratio(past(due('open')), past(due())),
  ),
  metric(
    'journey_step_on_time_rate',
    'Steps on time',
    'ratio',
    'up',
    'Of the steps whose due hour is over, those completed by their due date.',
    ratio(past(due('on_time')), past(due())),
  ),
  metric(
    'journey_step_delay_median_days',
    'Step delay, median',
    'days',
    'down',
    'Half of the steps completed in the period were so within this time of their due date.',
    quantile(done('delay_ms_hist'), 0.5, dayMs),
  ),
  metric(
    'journey_step_drop_off_rate',
    'Step drop-off rate',
    'ratio',
    'down',
    'Of the steps completed at least 14 days ago, those not followed by another within 14 days.',
    ratio(past(done('not_advanced_14d'), 'P14DT1H'), past(done(), 'P14DT1H')),
    { settlesAfter: 'P14D' },
  ),
];

const patients: RecordMetricDefinition[] = [
  metric(
    'patients_active',
    'Active patients',
    'patients',
    'up',
    'Different patients with an appointment that starts in the period and was not cancelled.',
    {
      kind: 'distinct',
      of: visits('patient_id', { status: ['scheduled', 'confirmed', 'checked_in', 'completed', 'no_show'] }),
    },
  ),
  metric(
    'patients_new',
    'First-time patients',
    'patients',
    'up',
    'Patients whose first booking or conversation of all was made in the period.',
    sum(bookings('first_event'), contacts('first_event')),
    { synonyms: ['how many new patients'] },
  ),
  metric(
    'contact_to_booking_rate',
    'Contact to booking',
    'ratio',
    'up',
    'Of the first contacts in the period, those followed by a booking within 14 days.',
    ratio(contacts('booked_14d'), contacts('first_contact')),
    { settlesAfter: 'P14D' },
  ),
  metric(
    'booking_to_visit_rate',
    'Booking to visit',
    'ratio',
    'up',
    'Of the bookings made in the period, those that were completed.',
    ratio(bookings('appointments', { status: ['completed'] }), bookings()),
    { settlesAfter: 'P90D' },
  ),
  metric(
    'time_to_book_median_hours',
    'Time to book, median',
    'hours',
    'down',
    'Half of the first contacts that led to a booking did so within this time.',
    quantile(contacts('time_to_book_ms_hist'), 0.5, hourMs),
    { settlesAfter: 'P90D' },
  ),
  metric(
    'time_to_visit_median_days',
    'Time to visit, median',
    'days',
    'down',
    'Half of the first contacts that led to a completed visit did so within this time.',
    quantile(contacts('time_to_visit_ms_hist'), 0.5, dayMs),
    { settlesAfter: 'P90D' },
  ),
  metric(
    'contacts_per_booking',
    'Contacts per booking',
    'contacts',
    'down',
    'Conversations that a booking made in the period took, on average.',
    ratio(bookings('contacts_before'), bookings()),
  ),
  metric(
    'multi_channel_rate',
    'Several channels',
    'ratio',
    'neither',
    'Of the patients in contact in the period, those who used another channel in the 30 days before.',
    { kind: 'distinct_ratio', of: contacts('multi_channel'), to: contacts(), id: 'patient_id' },
  ),
  metric(
    'no_show_recovery_rate',
    'No-show recovery',
    'ratio',
    'up',
    'Of the no-shows of the period, those whose patient booked again within 30 days.',
    ratio(visits('rebooked_30d', { status: ['no_show'] }), visitsWith('no_show')),
    { settlesAfter: 'P30D' },
  ),
  metric(
    'cancel_recovery_rate',
    'Cancellation recovery',
    'ratio',
    'up',
    'Of the cancelled appointments of the period, those whose patient booked again within 30 days.',
    ratio(visits('rebooked_30d', { status: ['cancelled'] }), visitsWith('cancelled')),
    { settlesAfter: 'P30D' },
  ),
  metric(
    'return_90d_rate',
    'Return within 90 days',
    'ratio',
    'neither',
    'Of the completed appointments of the period, those whose patient came again within 90 days.',
    ratio(visits('returned_90d'), visitsWith('completed')),
    { settlesAfter: 'P90D' },
  ),
  metric(
    'dormant_patients',
    'Dormant patients',
    'patients',
    'down',
    'Patients who have not come for a year and have no appointment ahead.',
    recordsNow({ patients: ['id'], appointments: ['patient_id', 'status', 'starts_at', 'entered_in_error'] }),
  ),
];

/** Everything that is told of journeys, and of patients' ways to the clinic. */
export const journeyMetrics: readonly RecordMetricDefinition[] = [...journeys, ...steps, ...patients];
