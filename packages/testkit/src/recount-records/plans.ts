import { stateJourneyFacts } from '@switchboard/domain/facts/journey';
import { stateJourneyStepFacts } from '@switchboard/domain/facts/journey-step';
import { type Add, by, type ClinicView } from './clinic-view.ts';

/** Each journey with its steps. */
export function recountPlans({ rows, test, departmentOf, rules }: ClinicView, add: Add): void {
  const { zone } = rules;
  for (const journey of rows.journeys) {
    const steps = rows.journey_steps.filter((step) => step.journey_id === journey.id && !step.placeholder);
    const shared = {
      isTest: test(journey.patient_id),
      journeyType: journey.journey_type,
      departmentId: departmentOf(journey.practitioner_id),
      practitionerId: journey.practitioner_id,
      patientId: journey.patient_id,
    };
    if (!journey.placeholder && !journey.entered_in_error)
      add(
        'journey',
        journey.id,
        stateJourneyFacts(
          {
            ...shared,
            status: journey.status,
            startedAt: journey.started_at,
            endedAt: journey.ended_at,
            pauses: journey.pauses,
            resumes: journey.resumes,
            steps: steps.length,
            stepsDone: steps.filter((step) => step.completed_at !== null).length,
          },
          zone,
        ),
      );
    if (journey.entered_in_error) continue;
    const over = journey.status === 'completed' || journey.status === 'canceled';
    const done = steps
      .filter((step) => step.completed_at !== null)
      .sort(
        by(
          (step) => step.completed_at ?? 0,
          (step) => step.id,
        ),
      );
    for (const step of steps) {
      const next = done[done.indexOf(step) + 1];
      add(
        'journey_step',
        step.id,
        stateJourneyStepFacts(
          {
            ...shared,
            status: step.completed_at !== null ? 'completed' : over ? 'dropped' : 'open',
            journeyId: journey.id,
            step: step.step_type,
            stage: step.stage,
            dueAt: step.due_at,
            completedAt: step.completed_at,
            advancedAt: next?.completed_at ?? (journey.status === 'completed' ? journey.ended_at : null),
          },
          zone,
        ),
      );
    }
  }
}
