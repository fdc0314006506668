import { withOffset } from '../call-generator.ts';
import { dayMs, hourMs } from './clinic-time.ts';
import type { SimulatedPatient, Telling } from './telling.ts';

const kinds = [
  {
    type: 'post_surgery',
    name: 'After an operation',
    steps: [
      { name: 'Wound check', step_type: 'visit', stage: 'healing' },
      { name: 'Stitches out', step_type: 'visit', stage: 'healing' },
      { name: 'Physiotherapy', step_type: 'therapy', stage: 'recovery' },
      { name: 'Last check-up', step_type: 'visit', stage: 'recovery' },
    ],
  },
  {
    type: 'diabetes_care',
    name: 'Diabetes care',
    steps: [
      { name: 'Blood test', step_type: 'test', stage: 'first_tests' },
      { name: 'Diet plan', step_type: 'counselling', stage: 'treatment' },
      { name: 'Eye check', step_type: 'visit', stage: 'treatment' },
      { name: 'Foot check', step_type: 'visit', stage: 'treatment' },
      { name: 'Blood test', step_type: 'test', stage: 'control' },
    ],
  },
  {
    type: 'pregnancy',
    name: 'Pregnancy',
    steps: [
      { name: 'First scan', step_type: 'scan', stage: 'first_trimester' },
      { name: 'Blood test', step_type: 'test', stage: 'first_trimester' },
      { name: 'Second scan', step_type: 'scan', stage: 'second_trimester' },
    ],
  },
] as const;

/** A plan of steps, one each nine days: most are done about in time, some late, some never. */
export function tellJourney(telling: Telling, patient: SimulatedPatient): void {
  const { random, time, clinic, endAt, name, tell } = telling;
  const kind = random.pick(kinds);
  const id = `J-${name}-${telling.next()}`;
  const says = (at: number) => withOffset(at, clinic.timeZone);
  const startedAt = time.instant(random, patient.since, endAt);
  const goesOn = random.weighted([
    [70, 'through'],
    [15, 'paused'],
    [15, 'given up'],
  ] as const);
  tell('journey.started', id, startedAt, {
    journey_type: kind.type,
    name: kind.name,
    patient: { external_id: patient.id },
    practitioner: { name: `Dr. ${random.pick(clinic.practitioners).name}` },
    started_at: says(startedAt),
  });
  const steps = kind.steps.map((step, position) => ({
    position,
    data: {
      external_id: `S-${position}`,
      ...step,
      position,
      due_at: says(startedAt + (position + 1) * 9 * dayMs),
    },
  }));
  for (const { position, data } of steps)
    tell('journey.step_scheduled', id, startedAt + (position + 1) * 1_000, { step: data });

  let last = startedAt + 60_000;
  let open = 0;
  for (const { position } of steps) {
    const due = startedAt + (position + 1) * 9 * dayMs;
    if (goesOn === 'given up' && position === steps.length - 1) break;
    if (goesOn === 'paused' && position === 1) {
      tell('journey.paused', id, last + dayMs, { reason: 'Patient is travelling' });
      tell('journey.resumed', id, last + 4 * dayMs);
      last += 4 * dayMs;
    }
    if (random.chance(0.12)) {
      open += 1;
      continue;
    }
    const done = Math.max(last + hourMs, due + random.between(-60, 72) * hourMs);
    tell('journey.step_completed', id, done, {
      step: { external_id: `S-${position}`, completed_at: says(done) },
    });
    last = done;
  }
  if (goesOn === 'given up') tell('journey.canceled', id, last + dayMs, { reason: 'Goes on elsewhere' });
  else if (open === 0) tell('journey.completed', id, last + hourMs);
}
