import type { Catalogue, MetricDefinition, Term } from './definition.ts';
import { voiceDimensions } from './voice-dimensions.ts';

type Given = Pick<MetricDefinition, 'label' | 'unit' | 'definition' | 'calculation' | 'betterIs'> &
  Partial<Pick<MetricDefinition, 'settlesAfter' | 'synonyms' | 'source'>>;

const dimensions = voiceDimensions.map((dimension) => dimension.id);

/** Most of a call is told within minutes of its end; vendors' late and repeated events arrive within a day. */
function metric(id: string, given: Given): MetricDefinition {
  return {
    id,
    category: 'voice_calls',
    basis: 'started',
    source: 'daily',
    settlesAfter: 'P1D',
    synonyms: [],
    dimensions,
    ...given,
  };
}

const calls: Term = { column: 'calls' };
const sum = (column: string): Term => ({ column });
const callsWith = (where: Term['where']): Term => ({ column: 'calls', where });
const inbound = callsWith({ direction: ['inbound'] });
const connected = sum('connected');
const micro = 1_000_000;

const volume: MetricDefinition[] = [
  metric('calls_total', {
    label: 'Calls',
    unit: 'calls',
    definition: 'Calls that started in the period, inbound and outbound.',
    calculation: { kind: 'sum', of: calls },
    betterIs: 'neither',
    synonyms: ['call volume', 'number of calls', 'how many calls'],
  }),
  metric('calls_inbound', {
    label: 'Inbound calls',
    unit: 'calls',
    definition: 'Calls made to the clinic.',
    calculation: { kind: 'sum', of: inbound },
    betterIs: 'neither',
    synonyms: ['incoming calls', 'calls received'],
  }),
  metric('calls_outbound', {
    label: 'Outbound calls',
    unit: 'calls',
    definition: 'Calls made by the clinic.',
    calculation: { kind: 'sum', of: callsWith({ direction: ['outbound'] }) },
    betterIs: 'neither',
    synonyms: ['outgoing calls', 'calls made'],
  }),
  metric('calls_connected', {
    label: 'Connected calls',
    unit: 'calls',
    definition: 'Calls in which the other party spoke at least once with the voice agent.',
    calculation: { kind: 'sum', of: connected },
    betterIs: 'up',
    synonyms: ['answered calls', 'conversations on the phone'],
  }),
  metric('calls_failed', {
    label: 'Failed calls',
    unit: 'calls',
    definition: 'Calls that ended with the status failed.',
    calculation: { kind: 'sum', of: callsWith({ status: ['failed'] }) },
    betterIs: 'down',
    synonyms: ['broken calls', 'call failures'],
  }),
  metric('calls_voicemail', {
    label: 'Voicemail',
    unit: 'calls',
    definition: 'Calls that reached a voicemail.',
    calculation: { kind: 'sum', of: callsWith({ status: ['voicemail'] }) },
    betterIs: 'down',
    synonyms: ['answering machine'],
  }),
  metric('connect_rate', {
    label: 'Connect rate',
    unit: 'ratio',
    definition: 'Connected calls of all calls.',
    calculation: { kind: 'ratio', of: connected, to: calls },
    betterIs: 'up',
    synonyms: ['pick-up rate', 'answer rate'],
  }),
  metric('unique_callers', {
    label: 'Unique callers',
    unit: 'callers',
    definition: 'Different numbers that called the clinic. Withheld numbers are not counted.',
    calculation: { kind: 'distinct', of: { column: 'caller', where: { direction: ['inbound'] } } },
    betterIs: 'up',
    source: 'facts',
    synonyms: ['different callers', 'distinct callers', 'people who called'],
  }),
  metric('repeat_caller_rate', {
    label: 'Repeat caller rate',
    unit: 'ratio',
    definition:
      'Of the inbound calls with a known number, those whose number had called in the 7 days before.',
    calculation: { kind: 'ratio', of: sum('repeat_call'), to: sum('caller_known') },
    betterIs: 'down',
    synonyms: ['repeat calls', 'people calling again'],
  }),
];

const talk: MetricDefinition[] = [
  metric('talk_minutes_total', {
    label: 'Talk time',
    unit: 'minutes',
    definition: 'Minutes of all connected calls whose length is known.',
    calculation: { kind: 'sum', of: sum('talk_ms'), per: 60_000 },
    betterIs: 'neither',
    synonyms: ['minutes on the phone', 'talk minutes'],
  }),
  metric('call_duration_mean_seconds', {
    label: 'Mean call length',
    unit: 'seconds',
    definition: 'Mean length of connected calls.',
    calculation: { kind: 'ratio', of: sum('talk_ms'), to: sum('talk_n'), per: 1_000 },
    betterIs: 'neither',
    synonyms: ['average call duration', 'average handle time', 'AHT'],
  }),
  metric('call_duration_median_seconds', {
    label: 'Median call length',
    unit: 'seconds',
    definition: 'Half of the connected calls were at most this long.',
    calculation: { kind: 'quantile', histogram: 'duration_ms_hist', q: 0.5, per: 1_000 },
    betterIs: 'neither',
    synonyms: ['typical call duration'],
  }),
  metric('call_duration_p90_seconds', {
    label: 'Call length, 90th percentile',
    unit: 'seconds',
    definition: 'Nine of ten connected calls were at most this long.',
    calculation: { kind: 'quantile', histogram: 'duration_ms_hist', q: 0.9, per: 1_000 },
    betterIs: 'neither',
    synonyms: ['long calls'],
  }),
];

const results: MetricDefinition[] = [
  metric('abandonment_rate', {
    label: 'Abandonment rate',
    unit: 'ratio',
    definition:
      'Of the inbound calls, those that ended before the caller’s first turn; without a transcript, those that nobody answered or that the vendor calls abandoned.',
    calculation: { kind: 'ratio', of: sum('abandoned'), to: inbound },
    betterIs: 'down',
    synonyms: ['abandoned calls', 'hang-ups', 'dropped calls'],
  }),
  metric('containment_rate', {
    label: 'Containment rate',
    unit: 'ratio',
    definition:
      'Of the connected calls, those that the voice agent finished: neither transferred nor ended by an error.',
    calculation: { kind: 'ratio', of: sum('contained'), to: connected },
    betterIs: 'up',
    synonyms: ['handled by the voice agent', 'automation rate', 'self-service rate'],
  }),
  metric('transfer_rate', {
    label: 'Transfer rate',
    unit: 'ratio',
    definition: 'Of the connected calls, those transferred to a person.',
    calculation: { kind: 'ratio', of: sum('transferred'), to: connected },
    betterIs: 'down',
    synonyms: ['handed over', 'escalation rate', 'transferred calls'],
  }),
  metric('booking_success_rate', {
    label: 'Booking success rate',
    unit: 'ratio',
    definition: 'Of the calls whose intent was to book an appointment, those with the outcome booked.',
    calculation: { kind: 'ratio', of: sum('booked'), to: sum('booking_intent') },
    betterIs: 'up',
    synonyms: ['booking rate', 'conversion rate', 'calls that booked'],
  }),
  metric('resolution_rate_calls', {
    label: 'Resolution rate',
    unit: 'ratio',
    definition: 'Of the connected calls, those booked, rescheduled, cancelled or answered.',
    calculation: { kind: 'ratio', of: sum('resolved'), to: connected },
    betterIs: 'up',
    synonyms: ['resolved calls', 'solved calls'],
  }),
  metric('identification_rate', {
    label: 'Identification rate',
    unit: 'ratio',
    definition: 'Of the connected calls, those matched to a patient.',
    calculation: { kind: 'ratio', of: sum('identified'), to: connected },
    betterIs: 'up',
    synonyms: ['matched to a patient', 'known patients'],
  }),
  metric('first_call_resolution_rate', {
    label: 'First-call resolution rate',
    unit: 'ratio',
    definition:
      'Of the connected inbound calls with a known number, those after which the number did not call with the same intent within 7 days.',
    calculation: { kind: 'ratio', of: sum('fcr'), to: sum('fcr_base') },
    betterIs: 'up',
    settlesAfter: 'P8D',
    synonyms: ['FCR', 'solved at the first call'],
  }),
  metric('callback_requests', {
    label: 'Callback requests',
    unit: 'calls',
    definition: 'Calls whose outcome was a request to be called back.',
    calculation: { kind: 'sum', of: sum('callback_requested') },
    betterIs: 'down',
    synonyms: ['call me back'],
  }),
  metric('callback_fulfilment_rate', {
    label: 'Callback fulfilment rate',
    unit: 'ratio',
    definition: 'Of the callback requests, those whose caller the clinic reached within 24 hours.',
    calculation: { kind: 'ratio', of: sum('callback_fulfilled'), to: sum('callback_requested') },
    betterIs: 'up',
    settlesAfter: 'P2D',
    synonyms: ['callbacks made', 'callbacks done'],
  }),
  metric('call_intent_mix', {
    label: 'Calls by intent',
    unit: 'calls',
    definition: 'How the calls divide among intents.',
    calculation: { kind: 'mix', of: calls, by: 'intent' },
    betterIs: 'neither',
    synonyms: ['why people call', 'reasons for calling'],
  }),
  metric('call_outcome_mix', {
    label: 'Calls by outcome',
    unit: 'calls',
    definition: 'How the calls divide among outcomes.',
    calculation: { kind: 'mix', of: calls, by: 'outcome' },
    betterIs: 'neither',
    synonyms: ['how calls end', 'call results'],
  }),
];

const quality: MetricDefinition[] = [
  metric('call_sentiment_positive_rate', {
    label: 'Positive sentiment',
    unit: 'ratio',
    definition: 'Of the calls whose sentiment is known, those with a positive one.',
    calculation: { kind: 'ratio', of: sum('sentiment_positive'), to: sum('sentiment_known') },
    betterIs: 'up',
    synonyms: ['happy callers', 'satisfied callers'],
  }),
  metric('call_sentiment_negative_rate', {
    label: 'Negative sentiment',
    unit: 'ratio',
    definition: 'Of the calls whose sentiment is known, those with a negative one.',
    calculation: { kind: 'ratio', of: sum('sentiment_negative'), to: sum('sentiment_known') },
    betterIs: 'down',
    synonyms: ['unhappy callers', 'angry callers'],
  }),
  metric('audio_quality_mean', {
    label: 'Audio quality',
    unit: 'score',
    definition: 'Mean audio score, 0 to 1, of the calls that have one.',
    calculation: { kind: 'ratio', of: sum('audio_quality_micro'), to: sum('audio_quality_n'), per: micro },
    betterIs: 'up',
    synonyms: ['sound quality', 'line quality'],
  }),
  metric('transcription_confidence_mean', {
    label: 'Transcription confidence',
    unit: 'score',
    definition: 'Mean confidence of the transcription, 0 to 1, of the calls that have one.',
    calculation: {
      kind: 'ratio',
      of: sum('transcription_confidence_micro'),
      to: sum('transcription_confidence_n'),
      per: micro,
    },
    betterIs: 'up',
    synonyms: ['transcript quality', 'recognition confidence'],
  }),
  metric('response_latency_p50_ms', {
    label: 'Response latency, median',
    unit: 'milliseconds',
    definition: 'Half of the calls had a median response latency of at most this.',
    calculation: { kind: 'quantile', histogram: 'latency_p50_ms_hist', q: 0.5 },
    betterIs: 'down',
    synonyms: ['response time of the agent', 'typical latency'],
  }),
  metric('response_latency_p95_ms', {
    label: 'Response latency, 95th percentile',
    unit: 'milliseconds',
    definition: 'In 95 of 100 calls the call’s own 95th percentile of response latency was at most this.',
    calculation: { kind: 'quantile', histogram: 'latency_p95_ms_hist', q: 0.95 },
    betterIs: 'down',
    synonyms: ['slow responses', 'worst latency'],
  }),
  metric('interruptions_per_call', {
    label: 'Interruptions per call',
    unit: 'turns',
    definition: 'Mean number of times one spoke over the other, of the calls that report it.',
    calculation: { kind: 'ratio', of: sum('interruptions'), to: sum('interruptions_n') },
    betterIs: 'down',
    synonyms: ['talking over', 'barge-ins'],
  }),
  metric('silence_rate', {
    label: 'Silence',
    unit: 'ratio',
    definition: 'Silent time of the talk time, of the connected calls that report it.',
    calculation: { kind: 'ratio', of: sum('silence_ms'), to: sum('silence_base_ms') },
    betterIs: 'down',
    synonyms: ['dead air', 'silent time'],
  }),
];

const machinery: MetricDefinition[] = [
  metric('tool_calls_total', {
    label: 'Tool calls',
    unit: 'tool_calls',
    definition: 'Times the voice agent used a tool (look-up, slots, booking) during calls.',
    calculation: { kind: 'sum', of: sum('tool_calls') },
    betterIs: 'neither',
    synonyms: ['tools used', 'function calls'],
  }),
  metric('tool_success_rate', {
    label: 'Tool success rate',
    unit: 'ratio',
    definition: 'Of the tool calls whose result is known, those that succeeded.',
    calculation: { kind: 'ratio', of: sum('tool_ok'), to: sum('tool_known') },
    betterIs: 'up',
    synonyms: ['tool errors', 'working tools'],
  }),
  metric('tool_latency_p95_ms', {
    label: 'Tool latency, 95th percentile',
    unit: 'milliseconds',
    definition: '95 of 100 tool calls were answered within this time.',
    calculation: { kind: 'quantile', histogram: 'tool_latency_ms_hist', q: 0.95 },
    betterIs: 'down',
    synonyms: ['slow tools'],
  }),
  metric('extraction_completeness_rate', {
    label: 'Extraction completeness',
    unit: 'ratio',
    definition: 'Of the analysed calls, those in which every field that the intent needs was found.',
    calculation: { kind: 'ratio', of: sum('extraction_complete'), to: sum('extraction_n') },
    betterIs: 'up',
    synonyms: ['complete extractions', 'missing fields'],
  }),
  metric('extraction_confidence_mean', {
    label: 'Extraction confidence',
    unit: 'score',
    definition: 'Mean confidence, 0 to 1, of the intent that the analysis found.',
    calculation: {
      kind: 'ratio',
      of: sum('extraction_confidence_micro'),
      to: sum('extraction_confidence_n'),
      per: micro,
    },
    betterIs: 'up',
    synonyms: ['analysis confidence'],
  }),
  metric('analysis_delay_p95_seconds', {
    label: 'Analysis delay, 95th percentile',
    unit: 'seconds',
    definition: '95 of 100 analyses were received within this time after the end of their call.',
    calculation: { kind: 'quantile', histogram: 'analysis_delay_ms_hist', q: 0.95, per: 1_000 },
    betterIs: 'down',
    synonyms: ['time to analysis'],
  }),
];

const cost: MetricDefinition[] = [
  metric('cost_total', {
    label: 'Cost',
    unit: 'minor_units',
    definition:
      'What the calls cost, in minor units of their currency. Null when there are several currencies.',
    calculation: { kind: 'sum', of: sum('cost_micro'), per: micro, currency: 'cost_currency' },
    betterIs: 'down',
    synonyms: ['spend', 'call costs', 'how much did we pay'],
  }),
  metric('cost_per_call', {
    label: 'Cost per call',
    unit: 'minor_units',
    definition: 'Mean cost of the calls whose cost is known.',
    calculation: { kind: 'ratio', of: sum('cost_micro'), to: calls, per: micro, currency: 'cost_currency' },
    betterIs: 'down',
    synonyms: ['price of a call'],
  }),
  metric('cost_per_booking', {
    label: 'Cost per booking',
    unit: 'minor_units',
    definition: 'Cost of all calls whose cost is known, by those of them that booked.',
    calculation: {
      kind: 'ratio',
      of: sum('cost_micro'),
      to: sum('booked_any'),
      per: micro,
      currency: 'cost_currency',
    },
    betterIs: 'down',
    synonyms: ['price of a booking', 'cost per appointment'],
  }),
];

/** Everything that is counted of calls. */
export const voiceCallCatalogue: Catalogue = {
  category: 'voice_calls',
  kind: 'voice_call',
  basis: 'started',
  metrics: [...volume, ...talk, ...results, ...quality, ...machinery, ...cost],
  dimensions: voiceDimensions,
};
