import type { FastifyInstance } from 'fastify';
import { apiKeyRoutes } from './api-keys.ts';
import { appointmentChangeRoutes } from './appointment-changes.ts';
import { appointmentTypeRoutes } from './appointment-types.ts';
import { appointmentRoutes } from './appointments.ts';
import { auditRoutes } from './audit.ts';
import { bookingRequestRoutes } from './booking-requests.ts';
import { clinicHoursRoutes } from './clinic-hours.ts';
import { clinicNumberRoutes } from './clinic-numbers.ts';
import { clinicPlaceRoutes } from './clinic-places.ts';
import { conversationMessageRoutes } from './conversation-messages.ts';
import { conversationNoteRoutes } from './conversation-notes.ts';
import { conversationRoutes } from './conversations.ts';
import { deadLetterRoutes } from './dead-letters.ts';
import { fhirRoutes } from './fhir.ts';
import { matchReviewRoutes } from './match-reviews.ts';
import { patientMergeRoutes } from './patient-merges.ts';
import { patientRoutes } from './patients.ts';
import type { RecordRoutesOptions } from './record-routes.ts';
import { searchRoutes } from './search.ts';
import { settingsRoutes } from './settings.ts';
import { userRoutes } from './users.ts';
import { voiceToolRoutes } from './voice-tools.ts';

/** Routes of records and of the clinic's own affairs, which need the same. */
export const recordRoutes: readonly ((app: FastifyInstance, options: RecordRoutesOptions) => void)[] = [
  patientRoutes,
  patientMergeRoutes,
  matchReviewRoutes,
  appointmentRoutes,
  conversationRoutes,
  conversationMessageRoutes,
  conversationNoteRoutes,
  appointmentChangeRoutes,
  bookingRequestRoutes,
  searchRoutes,
  userRoutes,
  apiKeyRoutes,
  settingsRoutes,
  clinicNumberRoutes,
  appointmentTypeRoutes,
  clinicHoursRoutes,
  clinicPlaceRoutes,
  auditRoutes,
  voiceToolRoutes,
  fhirRoutes,
  deadLetterRoutes,
];
