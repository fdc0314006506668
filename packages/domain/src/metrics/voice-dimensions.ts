import { callDirections, callEndReasons, callOutcomes, callStatuses } from '../call-outcomes.ts';
import { intents } from '../intents.ts';
import type { DimensionDefinition } from './definition.ts';

const everywhere = ['daily', 'hourly', 'facts'] as const;
const factsOnly = ['facts'] as const;

/** What calls can be split and filtered by. */
export const voiceDimensions: readonly DimensionDefinition[] = [
  {
    id: 'direction',
    label: 'Direction',
    definition: 'Who called: the caller (inbound) or the clinic (outbound).',
    column: 'direction',
    sources: everywhere,
    values: callDirections,
    filter: true,
  },
  {
    id: 'status',
    label: 'Status',
    definition: 'How far the call came, as the voice vendor last said.',
    column: 'status',
    sources: everywhere,
    values: callStatuses,
    filter: true,
  },
  {
    id: 'intent',
    label: 'Intent',
    definition: 'What the caller wanted.',
    column: 'intent',
    sources: everywhere,
    values: intents,
    filter: true,
  },
  {
    id: 'outcome',
    label: 'Outcome',
    definition: 'What came of the call.',
    column: 'outcome',
    sources: everywhere,
    values: callOutcomes,
    filter: true,
  },
  {
    id: 'end_reason',
    label: 'End reason',
    definition: 'Who or what ended the call.',
    column: 'end_reason',
    sources: factsOnly,
    values: callEndReasons,
    filter: true,
  },
  {
    id: 'sentiment',
    label: 'Sentiment',
    definition: 'The caller’s tone, by what was said.',
    column: 'sentiment',
    sources: factsOnly,
    values: ['positive', 'neutral', 'negative'],
    filter: true,
  },
  {
    id: 'language',
    label: 'Language',
    definition: 'The language spoken, as a BCP 47 tag.',
    column: 'language',
    sources: factsOnly,
    filter: true,
  },
  {
    id: 'agent',
    label: 'Voice agent',
    definition: 'The voice agent that took or made the call, by the vendor’s id.',
    column: 'agent_id',
    sources: factsOnly,
    filter: true,
  },
  {
    id: 'hour',
    label: 'Hour of the day',
    definition: 'The hour in which the call started, on the clinic’s clocks.',
    column: 'local_hour',
    sources: ['hourly', 'facts'],
    filter: false,
    numeric: true,
  },
  {
    id: 'weekday',
    label: 'Weekday',
    definition: 'The day of the week on which the call started, at the clinic.',
    column: 'local_weekday',
    sources: ['hourly', 'facts'],
    filter: false,
    numeric: true,
  },
  {
    id: 'currency',
    label: 'Currency',
    definition: 'The currency in which the call was charged.',
    column: 'cost_currency',
    sources: everywhere,
    filter: true,
  },
];
