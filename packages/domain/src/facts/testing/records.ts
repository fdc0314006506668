import type { AppointmentRecord } from '../appointment.ts';
import type { ConversationRecord } from '../conversation.ts';
import type { JourneyRecord } from '../journey.ts';
import type { JourneyStepRecord } from '../journey-step.ts';
import type { MessageRecord } from '../message.ts';

/** An id that is a number, for tests. */
const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
export const at = (iso: string): number => Date.parse(iso);

/** Plain records of each kind; tests change what they are about. */
export const appointment: AppointmentRecord = {
  status: 'scheduled',
  isTest: false,
  startsAt: at('2026-11-20T05:00:00Z'),
  endsAt: at('2026-11-20T05:20:00Z'),
  createdAt: at('2026-11-18T05:00:00Z'),
  bookingTimeUnknown: false,
  channel: 'voice',
  appointmentType: 'consultation',
  practitionerId: idOf(1),
  departmentId: idOf(2),
  locationId: null,
  patientId: idOf(3),
  confirmedAt: null,
  checkedInAt: null,
  cancelledAt: null,
  cancelledBy: null,
  moves: 0,
  bookedByAi: true,
  bookedAfterHours: false,
  feeMinor: 50_000,
  feeCurrency: 'INR',
  firstAppointment: false,
  firstEvent: false,
  contactsBefore: 2,
  rebookedWithin30Days: false,
  returnedWithin90Days: false,
  slotRefilledAt: null,
  overlaps: 0,
};

export const journey: JourneyRecord = {
  status: 'active',
  isTest: false,
  journeyType: 'knee_surgery',
  departmentId: idOf(2),
  practitionerId: null,
  patientId: idOf(3),
  startedAt: at('2026-11-01T05:00:00Z'),
  endedAt: null,
  pauses: 0,
  resumes: 0,
  steps: 5,
  stepsDone: 2,
};

export const journeyStep: JourneyStepRecord = {
  status: 'open',
  isTest: false,
  journeyId: idOf(4),
  journeyType: 'knee_surgery',
  step: 'blood_test',
  stage: 'before',
  departmentId: idOf(2),
  practitionerId: null,
  patientId: idOf(3),
  dueAt: at('2026-11-10T05:00:00Z'),
  completedAt: null,
  advancedAt: null,
};

export const message: MessageRecord = {
  isTest: false,
  channel: 'whatsapp',
  direction: 'outbound',
  status: 'sent',
  intent: null,
  sentiment: null,
  sentimentScore: null,
  language: 'en-IN',
  assigneeId: null,
  conversationId: idOf(5),
  patientId: idOf(3),
  contact: idOf(6),
  sentAt: at('2026-11-20T05:00:00Z'),
  hasMedia: false,
  isTemplate: false,
  isReminder: false,
  reminderAnswered: false,
  isOptOut: false,
  replyMs: null,
  replyBusinessMs: null,
};

export const conversation: ConversationRecord = {
  isTest: false,
  channel: 'whatsapp',
  state: 'open',
  intent: 'book_appointment',
  sentiment: 'positive',
  language: 'en-IN',
  labels: ['vip', 'billing'],
  assigneeId: null,
  patientId: idOf(3),
  contact: idOf(6),
  createdAt: at('2026-11-20T05:00:00Z'),
  resolvedAt: null,
  reopened: false,
  messages: 4,
  waitingSince: null,
  firstInboundAt: at('2026-11-20T05:00:00Z'),
  firstResponseAt: null,
  firstResponseBusinessMs: null,
  resolutionBusinessMs: null,
  firstResponseTargetMs: 3_600_000,
  aiOnly: false,
  handedOff: false,
  booked: false,
  firstEvent: true,
  firstContact: true,
  nextBookingAt: null,
  nextVisitAt: null,
  otherChannelBefore: false,
  suggestions: { accepted: 2, edited: 1, rejected: 1 },
};
