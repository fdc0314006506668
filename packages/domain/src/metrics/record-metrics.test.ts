import { describe, expect, test } from 'vitest';
import { appointmentFact } from '../facts/appointment.ts';
import { factDefinitions } from '../facts/fact-definitions.ts';
import { problemsOf } from './answerable.ts';
import { allMetrics } from './catalogue.ts';
import { realtimeCatalogue, realtimeMetrics } from './realtime.ts';
import { isSummed, type SummedRecordMetric } from './record-metric.ts';
import { recordMetrics } from './record-metrics.ts';
import { emptyTotals, evaluate, needsOf, termKey, termsIn } from './totals.ts';

/** Every id, fixed for ever. */
const ids = {
  appointments: `appointments_total appointments_by_status appointments_booked appointments_scheduled
    appointments_confirmed appointments_completed appointments_cancelled appointments_no_show completion_rate
    no_show_rate no_show_rate_scheduled cancellation_rate patient_cancellation_rate clinic_cancellation_rate
    late_cancellation_rate missed_rate confirmation_rate reschedule_rate moves_per_appointment lead_time_median_hours
    lead_time_p90_hours same_day_rate new_patient_rate channel_mix ai_booked_rate after_hours_booking_rate fill_rate
    utilisation_rate third_next_available_days refill_rate refill_time_median_hours slot_conflict_rate
    double_bookings late_arrival_rate average_duration_minutes unconfirmed_next_24h lost_value`,
  journeys: `journeys_total journeys_started journeys_active journeys_completed journeys_paused journeys_canceled
    journey_completion_rate journey_progress_mean journey_steps_completed journey_steps_due journey_steps_overdue
    journey_overdue_rate journey_step_on_time_rate journey_duration_median_days journey_step_delay_median_days
    journey_step_drop_off_rate journey_pause_rate journey_resume_rate patients_active patients_new
    contact_to_booking_rate booking_to_visit_rate time_to_book_median_hours time_to_visit_median_days
    contacts_per_booking multi_channel_rate no_show_recovery_rate cancel_recovery_rate return_90d_rate
    dormant_patients`,
  communication: `messages_total messages_inbound messages_outbound conversations_total conversations_open
    conversations_resolved messages_per_conversation first_response_median_minutes first_response_p90_minutes
    reply_time_mean_minutes reply_time_median_minutes resolution_time_median_hours
    first_response_median_minutes_business first_response_p90_minutes_business reply_time_mean_minutes_business
    reply_time_median_minutes_business resolution_time_median_hours_business resolution_rate reopen_rate
    unanswered_conversations unanswered_rate sla_attainment_rate sentiment_positive_rate sentiment_neutral_rate
    sentiment_negative_rate sentiment_mean ai_only_rate handoff_rate suggestion_acceptance_rate suggestion_edit_rate
    suggestion_rejection_rate delivery_rate read_rate failure_rate media_rate template_rate reminder_response_rate
    opt_out_rate chat_booking_conversion_rate message_intent_mix active_contacts`,
};

const named = (id: string) => {
  const metric = recordMetrics.find((one) => one.id === id);
  if (!metric) throw new Error(`no metric ${id}`);
  return metric;
};
const summed = (id: string): SummedRecordMetric => {
  const metric = named(id);
  if (!isSummed(metric)) throw new Error(`${id} is of records`);
  return metric;
};

describe('the metrics of the records', () => {
  test.each(Object.entries(ids))('of %s are there under their fixed ids', (category, expected) => {
    const there = recordMetrics.filter((metric) => metric.category === category).map((metric) => metric.id);
    expect(there.sort()).toEqual(expected.split(/\s+/).sort());
  });

  test('are complete, and no id, label or synonym means two things, calls among them', () => {
    const words = [...recordMetrics, ...allMetrics, ...realtimeCatalogue].flatMap((metric) =>
      [metric.id, metric.label, ...metric.synonyms].map((word) => word.toLowerCase()),
    );
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
    for (const metric of recordMetrics) {
      expect(metric.definition).toMatch(/^[A-Z0-9].+\.$/);
      expect(metric.settlesAfter).toMatch(/^P\d+D$/);
    }
  });

  test('are of the tables that hold them', () => {
    expect(named('no_show_rate').source).toBe('daily');
    expect(named('completion_rate').source).toBe('hourly');
    expect(named('unanswered_rate').source).toBe('facts');
    expect(named('patients_active').source).toBe('facts');
    expect(named('journeys_active')).toMatchObject({ source: 'postgres', basis: 'now', settlesAfter: 'P0D' });
    expect(named('fill_rate')).toMatchObject({ source: 'postgres', basis: 'starts', settlesAfter: 'P7D' });
  });

  test('can be split by what all their facts have', () => {
    expect(named('no_show_rate').dimensions).toEqual([
      'channel',
      'practitioner',
      'department',
      'location',
      'appointment_type',
      'status',
      'hour',
      'weekday',
    ]);
    expect(named('journeys_started').dimensions).toEqual(['journey_type', 'department', 'practitioner']);
    expect(named('journey_steps_due').dimensions).toContain('step');
    expect(named('messages_total').dimensions).not.toContain('label');
    expect(named('conversations_total').dimensions).not.toContain('direction');
    expect(named('patients_new').dimensions).toEqual([]);
  });
});

describe('the metrics of the present', () => {
  const realtimeIds = `calls_in_progress open_conversations unassigned_conversations oldest_wait_minutes
    appointments_today_by_status next_free_slot_by_practitioner events_per_minute ingest_lag_p95_seconds
    freshness_seconds duplicates_dropped signature_failures dead_letters_open queue_depth match_reviews_open
    match_review_age_median_hours auto_match_rate hour_vs_baseline`;

  test('are there under their fixed ids, each with its source', () => {
    expect(realtimeCatalogue.map(({ id }) => id)).toEqual(realtimeIds.split(/\s+/));
    for (const metric of realtimeCatalogue) {
      expect(metric.definition).toMatch(/^[A-Z0-9].+\.$/);
      expect(metric).toMatchObject({ category: 'realtime', basis: 'now', settlesAfter: 'P0D' });
    }
    expect(Object.groupBy(realtimeCatalogue, ({ source }) => source)).toMatchObject({
      postgres: expect.arrayContaining([expect.objectContaining({ id: 'match_reviews_open' })]),
      clickhouse: [expect.objectContaining({ id: 'hour_vs_baseline' })],
      prometheus: expect.arrayContaining([expect.objectContaining({ id: 'queue_depth' })]),
    });
  });

  test('that the API tells are among them', () => {
    expect(realtimeCatalogue).toEqual(expect.arrayContaining([...realtimeMetrics]));
  });
});

describe('the facts', () => {
  test('answer every metric at its source', () => {
    expect(recordMetrics.filter(isSummed).flatMap((metric) => problemsOf(metric, factDefinitions))).toEqual(
      [],
    );
  });

  const without = (parts: object) =>
    factDefinitions.map((fact) => (fact.kind === 'appointment' ? { ...appointmentFact, ...parts } : fact));
  test.each([
    ['missed_rate', { measures: [] }, 'fact_appointment has no measure late_cancelled'],
    ['lead_time_p90_hours', { histograms: [] }, 'fact_appointment has no histogram lead_time_ms_hist'],
    ['refill_rate', { bases: ['starts', 'created'] }, 'fact_appointment has no basis cancelled'],
    ['no_show_rate', { rollupDimensions: [] }, 'fact_appointment has no column in its daily status'],
    ['channel_mix', { rollupDimensions: ['status'] }, 'fact_appointment has no column in its daily channel'],
    [
      'lost_value',
      { rollupDimensions: ['status'] },
      'fact_appointment has no column in its daily fee_currency',
    ],
    ['patients_active', { dimensions: { status: 'text' } }, 'fact_appointment has no id patient_id'],
  ])('that lack something can’t answer %s, and it is said', (id, parts, problem) => {
    expect(problemsOf(summed(id), without(parts))).toContain(`${id}: ${problem}`);
  });

  test('that are not there answer nothing', () => {
    expect(problemsOf(summed('messages_total'), [])).toEqual(['messages_total: no fact message']);
  });

  test('can’t tell from daily sums whether an hour is over', () => {
    const daily = { ...summed('completion_rate'), source: 'daily' } as const;
    expect(problemsOf(daily, factDefinitions)).toContain(
      'completion_rate: fact_appointment has no instant in its daily hour_start',
    );
  });

  test('of several dates don’t make one rate', () => {
    const of = { fact: 'appointment', basis: 'starts', column: 'appointments' };
    const mixed: SummedRecordMetric = {
      ...summed('no_show_rate'),
      calculation: { kind: 'ratio', of: [of], to: [{ ...of, basis: 'created' }] },
    };
    expect(problemsOf(mixed, factDefinitions)).toEqual([
      'no_show_rate: counts under several dates: starts, created',
    ]);
  });
});

describe('evaluation', () => {
  test('terms of several kinds are added up, and a share of ids is of those that are there', () => {
    const totals = emptyTotals();
    const [bookings, contacts] = [...needsOf([summed('patients_new')]).sums.keys()];
    totals.sums.set(bookings ?? '', 3).set(contacts ?? '', 4);
    expect(evaluate(summed('patients_new'), totals).value).toBe(7);
    const [of, to] = [...needsOf([summed('multi_channel_rate')]).distincts.keys()];
    expect(evaluate(summed('multi_channel_rate'), totals).value).toBeNull();
    totals.distincts.set(of ?? '', 1).set(to ?? '', 4);
    expect(evaluate(summed('multi_channel_rate'), totals).value).toBe(0.25);
  });

  test('no two sums share a name: kind, date, condition and time tell them apart', () => {
    const needs = needsOf(recordMetrics.filter(isSummed));
    expect([...needs.sums.keys()].filter((name) => !/^\w+$/.test(name))).toEqual([]);
    const terms = recordMetrics.filter(isSummed).flatMap(({ calculation }) => termsIn(calculation));
    const different = new Map(terms.map((term) => [termKey(term), JSON.stringify(term)]));
    for (const term of terms) expect(JSON.stringify(term)).toBe(different.get(termKey(term)));
  });
});
