/** An answer as OpenAPI describes it. */
export interface DescribedAnswer {
  description: string;
  content?: Record<string, { schema: object }>;
  headers?: Record<string, { description: string; schema: object }>;
}

const text = { type: 'string' };
const error = {
  type: 'object',
  properties: { location: text, message: text, fix: text },
  required: ['location', 'message', 'fix'],
};
/** RFC 9457. */
const problem = {
  type: 'object',
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: { ...text, description: 'The path asked for, without its query.' },
    request_id: text,
    code: { ...text, description: 'Stable, for programs.' },
    errors: { type: 'array', items: error },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
};

const fault = (description: string, more: object = {}): DescribedAnswer => ({
  description,
  content: {
    'application/problem+json': { schema: { ...problem, properties: { ...problem.properties, ...more } } },
  },
});
const later = (description: string): DescribedAnswer => ({
  ...fault(description),
  headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } },
});

const warnings = {
  type: 'array',
  items: error,
  description: 'What is taken and kept, and stands for less than the sender may think.',
};
const eventResult = {
  type: 'object',
  properties: {
    id: { type: ['string', 'null'], description: 'The event’s own id.' },
    status: { enum: ['accepted', 'invalid'] },
    event_id: { ...text, format: 'uuid' },
    errors: { type: 'array', items: error },
    warnings,
  },
  required: ['id', 'status'],
};
const results = {
  type: 'array',
  items: eventResult,
  description: 'One for each event of a batch, in order.',
};

/** What any route with a body may answer, when it does not take it. */
export const bodyFaults: Record<string, DescribedAnswer> = {
  400: fault(
    'The address cannot be read, the body is not JSON, or it ended before its length. What is authentic is kept.',
  ),
  401: fault(
    'Whoever sent it could not prove who they are: `signature_missing`, `signature_expired`, `signature_invalid`, `key_missing`, `key_unknown`.',
  ),
  403: fault('The clinic is suspended, or the key lacks the scope.'),
  405: fault('Another method than `Allow` says.'),
  408: fault('The request took too long to arrive.'),
  413: fault('The body is too large.'),
  415: fault('The body is of a media type or encoding that is not taken.'),
  429: later('Too many requests of this address or clinic.'),
  431: fault('The headers are too large.'),
  503: later(
    'Nothing is wrong with the request: the broker is away, or too much is under way. Send it again.',
  ),
};

/** Of an authentic body that is not valid: it is kept, and `errors` says what is wrong. */
export const invalidBody = fault(
  'The body is not valid. It is kept; `errors` names what is wrong and what would be right.',
);

export const invalidEvents = fault('No event is valid. What is not was kept.', { results });

export const accepted: DescribedAnswer = {
  description: 'The broker has the event. Sent again it has the same id and counts once.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: { status: { const: 'accepted' }, event_id: { ...text, format: 'uuid' } },
        required: ['status', 'event_id'],
      },
    },
  },
};

export const ignored: DescribedAnswer = {
  description: 'Authentic, and no event: the vendor tells more than a call’s record needs.',
  content: {
    'application/json': {
      schema: { type: 'object', properties: { status: { const: 'ignored' } }, required: ['status'] },
    },
  },
};

export const emptyTwiml: DescribedAnswer = {
  description: 'The broker has the event. Empty TwiML: nothing is answered to the sender.',
  content: { 'text/xml': { schema: text } },
};

export const acceptedEvents: DescribedAnswer = {
  description: 'The broker has all that is valid. One event has its `event_id`, a batch a result for each.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          status: { const: 'accepted' },
          event_id: { ...text, format: 'uuid' },
          warnings,
          results,
        },
        required: ['status'],
      },
    },
  },
};

const readiness = {
  type: 'object',
  properties: {
    status: { enum: ['ok', 'unavailable', 'draining'] },
    checks: { type: 'object', additionalProperties: { ...text, description: '`ok`, or what is not.' } },
  },
  required: ['status', 'checks'],
};
const json = (schema: object) => ({ 'application/json': { schema } });

export const readinessAnswers: Record<string, DescribedAnswer> = {
  200: { description: 'An event would be taken now.', content: json(readiness) },
  503: { ...later('It would not; `checks` says why.'), content: json(readiness) },
};

export const alive: DescribedAnswer = {
  description: 'The process lives.',
  content: json({ type: 'object', properties: { status: { const: 'ok' } }, required: ['status'] }),
};

export const metricsText: DescribedAnswer = {
  description: 'Metrics in Prometheus’ text format.',
  content: { 'text/plain': { schema: text } },
};
