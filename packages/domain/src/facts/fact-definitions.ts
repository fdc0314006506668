import { appointmentFact } from './appointment.ts';
import { conversationFact } from './conversation.ts';
import type { FactDefinition } from './fact-definition.ts';
import { journeyFact } from './journey.ts';
import { journeyStepFact } from './journey-step.ts';
import { messageFact } from './message.ts';

/** The facts of the clinic's records; calls have their own definition beside their statements. */
export const factDefinitions: readonly FactDefinition[] = [
  appointmentFact,
  journeyFact,
  journeyStepFact,
  messageFact,
  conversationFact,
];
