/** A piece of an event's way that is over. */
export interface FinishedSpan {
  name: string;
  /** W3C Trace Context of the event; without a valid one nothing is recorded. */
  traceparent: string | null | undefined;
  /** Unix ms. */
  startedAt: number;
  endedAt: number;
  /** Ids, names of topics, numbers; never what tells of a patient. */
  attributes?: Readonly<Record<string, string | number>>;
}

/** Spans of events, sent by OTLP; all that it does is off unless there is somebody to send them to. */
export interface Tracing {
  readonly isOn: boolean;
  /** Costs nothing while it is off, and never throws. */
  record(span: FinishedSpan): void;
  /** Sends what is left, for a few seconds at most. */
  stop(): Promise<void>;
}

/** Of the message by which an event came, or went. */
type EventHeaders = Readonly<Record<string, string | undefined>>;

const traceparent = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Ids and flags of a `traceparent`; undefined when it is none. */
export function readTraceparent(
  text: string | null | undefined,
): { traceId: string; spanId: string; traceFlags: number } | undefined {
  const [, traceId, spanId, flags] = traceparent.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Records a piece of the way of each event, by the headers of its message. */
export function recordEvents(
  tracing: Tracing,
  { topic, ...span }: Pick<FinishedSpan, 'name' | 'startedAt' | 'endedAt'> & { topic: string },
  messages: readonly { headers: EventHeaders }[],
): void {
  if (!tracing.isOn) return;
  for (const { headers } of messages) {
    const ids = { 'event.id': headers['event-id'] ?? '', 'tenant.id': headers['tenant-id'] ?? '' };
    tracing.record({ ...span, traceparent: headers.traceparent, attributes: { topic, ...ids } });
  }
}

/** Which event a line of the log is about, by the headers of its message; what is not known is left out. */
export function eventInLog(headers: EventHeaders): {
  event_id: string | undefined;
  trace_id: string | undefined;
} {
  return { event_id: headers['event-id'], trace_id: readTraceparent(headers.traceparent)?.traceId };
}
