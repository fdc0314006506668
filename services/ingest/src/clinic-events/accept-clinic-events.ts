import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { eventId } from '@switchboard/domain/ids';
import { entityKeyOf } from '@switchboard/domain/records/entity-key';
import type { ProblemError } from '@switchboard/platform/problem';
import type { RecordReceived } from '@switchboard/schemas';
import { idAt } from '../events/dead-letters.ts';
import type { EventSink } from '../events/event-sink.ts';
import { brokerAway, type KeepRejected } from '../events/keep-rejected.ts';
import { invalidBody, type Rejection, rejectionOf } from '../events/rejections.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import type { Tenant } from '../tenants/tenant-directory.ts';
import { headersOf } from '../webhook/event-headers.ts';
import { invalid } from '../webhook/webhook-problems.ts';
import { asStructured, type ContentMode, readContent, structuredType } from './content-mode.ts';
import type { ClinicEvent, ReadCloudEvent } from './read-cloud-event.ts';

/** A body whose sender is known. */
export interface AuthenticEvents {
  tenant: Pick<Tenant, 'id'>;
  mode: ContentMode;
  request: Pick<IncomingMessage, 'headers'>;
  /** As received. */
  body: Buffer;
  /** Unix milliseconds. */
  receivedAt: number;
  /** Told how many events the body holds, before any is worked on. */
  counted(events: number): void;
}

/** What became of one event. */
export type EventResult =
  | { id: string | null; status: 'accepted'; event_id: string; warnings?: readonly ProblemError[] }
  | { id: string | null; status: 'invalid'; errors: readonly ProblemError[] };

/** Resolves when the broker has every event, or its dead letter. @throws RequestProblem 400, 422, 503: of none in particular */
export type AcceptClinicEvents = (authentic: AuthenticEvents) => Promise<EventResult[]>;

export interface AcceptClinicEventsOptions {
  sink: Pick<EventSink, 'sendRecord'>;
  keepRejected: KeepRejected;
  readCloudEvent: ReadCloudEvent;
  /** Of the keyed HMACs that stand for the clinic's ids. */
  pseudonymKey: KeyObject;
  metrics: IngestMetrics;
}

/** The way records come by, in event ids and in `source`. */
const way = 'events';

/** Events begun at a time: between, what waits in this process has its turn, calls first of all. */
const slice = 50;

export function createAcceptClinicEvents(options: AcceptClinicEventsOptions): AcceptClinicEvents {
  const { sink, keepRejected, readCloudEvent, pseudonymKey, metrics } = options;

  return async function acceptClinicEvents(authentic) {
    const { mode, body, request } = authentic;
    const content = readContent(mode, body, request);
    if (!content.ok) {
      await keep(authentic, content.rejection, originalOf(authentic), undefined);
      const { reason, detail, errors } = content.rejection;
      throw invalid(reason === 'not_json' ? 400 : 422, reason, detail, errors);
    }
    authentic.counted(content.events.length);
    const working: Promise<EventResult>[] = [];
    for (const [index, event] of content.events.entries()) {
      if (index > 0 && index % slice === 0) await setImmediate();
      const one = accept(authentic, event);
      // Looked at below: until then it is no unhandled rejection.
      one.catch(() => undefined);
      working.push(one);
    }
    // One that failed is thrown only when all is settled: sent again, what was accepted has the same id and counts once.
    await Promise.allSettled(working);
    return Promise.all(working);
  };

  async function accept(authentic: AuthenticEvents, value: unknown): Promise<EventResult> {
    const read = readCloudEvent(value, authentic.receivedAt);
    if (!read.ok) return refuse(authentic, value, invalidBody(read.errors));
    const { event, warnings } = read;
    const record = toRecord(authentic, event);
    try {
      const { tenant, request, receivedAt } = authentic;
      const headers = headersOf(tenant, event.traceparent ?? request.headers.traceparent, receivedAt);
      await sink.sendRecord(record, { ...headers, 'event-id': record.event_id });
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!rejection) throw brokerAway(error);
      return refuse(authentic, value, rejection);
    }
    metrics.accepted.inc({ vendor: way, event: event.type });
    const told = warnings.length > 0 ? { warnings } : {};
    return { id: event.id, status: 'accepted', event_id: record.event_id, ...told };
  }

  function toRecord({ tenant, receivedAt }: AuthenticEvents, event: ClinicEvent): RecordReceived {
    const { id, source, type, subject, time, content } = event;
    return {
      ...content,
      event_id: eventId(tenant.id, way, 'record', id, source),
      tenant_id: tenant.id,
      source: way,
      origin: source,
      vendor_event_id: id,
      event_type: type,
      external_id: subject,
      entity_key: entityKeyOf(pseudonymKey, tenant.id, content.kind, subject),
      occurred_at: time,
      received_at: receivedAt,
    };
  }

  async function refuse(
    authentic: AuthenticEvents,
    event: unknown,
    rejection: Rejection,
  ): Promise<EventResult> {
    await keep(authentic, rejection, originalOf(authentic, event), event);
    const id: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'id') : null;
    return { id: typeof id === 'string' ? id : null, status: 'invalid', errors: rejection.errors };
  }

  function keep(
    authentic: AuthenticEvents,
    { reason, errors }: Rejection,
    original: Original,
    event: unknown,
  ): Promise<void> {
    const { tenant, request, receivedAt } = authentic;
    const [id, source] = [idAt(event, 'id'), textAt(event, 'source')];
    return keepRejected(
      {
        tenantId: tenant.id,
        source: way,
        reason,
        errors,
        ...original,
        eventId: id && source && eventId(tenant.id, way, 'record', id, source),
        callId: null,
        receivedAt,
      },
      headersOf(tenant, request.headers.traceparent, receivedAt),
    );
  }
}

interface Original {
  body: Buffer;
  contentType: string;
}

/** What a dead letter keeps: of a batch the one event, else the body; all of it can be sent again as it is. */
function originalOf({ mode, body, request }: AuthenticEvents, event?: unknown): Original {
  if (mode === 'batch' && event !== undefined)
    return { body: Buffer.from(JSON.stringify(event)), contentType: structuredType };
  if (mode === 'binary') return { body: asStructured(body, request), contentType: structuredType };
  return { body, contentType: request.headers['content-type'] ?? structuredType };
}

function textAt(event: unknown, name: string): string | null {
  const value: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, name) : null;
  return typeof value === 'string' ? value : null;
}
