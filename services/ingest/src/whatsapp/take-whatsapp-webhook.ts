import type { KeyObject } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { contactKeyOf } from '@switchboard/domain/messaging/contact-key';
import { twilioEventId } from '@switchboard/domain/messaging/twilio-event-id';
import type { RequestProblem } from '@switchboard/platform/problem';
import type { MessageReceived } from '@switchboard/schemas';
import type { Held } from '../admission/in-flight.ts';
import { mediaOf } from '../admission/media.ts';
import { addressKey } from '../admission/rate-limit.ts';
import type { EventSink } from '../events/event-sink.ts';
import { brokerAway, type KeepRejected } from '../events/keep-rejected.ts';
import { invalidBody, notParsed, type Rejection, rejectionOf } from '../events/rejections.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { checkClaims, type RefusalReason, readClaims } from '../signatures/check-signatures.ts';
import { type FormFields, twilioScheme } from '../signatures/twilio.ts';
import type { Tenant, TenantDirectory } from '../tenants/tenant-directory.ts';
import type { Admission } from '../webhook/admit-request.ts';
import { headersOf } from '../webhook/event-headers.ts';
import { proveSender } from '../webhook/prove-sender.ts';
import { takeBody } from '../webhook/take-body.ts';
import { invalid, refused } from '../webhook/webhook-problems.ts';
import { readForm, readJsonFields } from './read-fields.ts';
import { clinicAddressOf, readMessage, type TwilioMessage } from './read-message.ts';

const form = 'application/x-www-form-urlencoded';
export const twilioMedia = [form, 'application/json'] as const;

export interface TakeWhatsappWebhookOptions {
  admission: Admission;
  tenants: TenantDirectory;
  sink: Pick<EventSink, 'sendMessage'>;
  keepRejected: KeepRejected;
  /** Where Twilio reaches us, before the path; undefined: nobody's signature can be right. */
  publicUrl: string | undefined;
  pseudonymKey: KeyObject;
  maxBodyBytes: number;
  metrics: IngestMetrics;
  now(): number;
}

export interface WhatsappWebhook {
  request: IncomingMessage;
  /** The caller's, as trusted proxies tell it. */
  address: string;
  /** UUID or slug of the path. */
  tenantName: string | undefined;
  /** `?send=` of our own callbacks. */
  sendId: string | null;
}

/** Resolves when the broker has the event. @throws RequestProblem: the answer when it is not 200 */
export type TakeWhatsappWebhook = (webhook: WhatsappWebhook) => Promise<void>;

interface Authentic {
  tenant: Tenant;
  body: Buffer;
  fields: FormFields | null;
}

/** The way of Twilio's webhooks from their headers to the broker's answer. */
export function createTakeWhatsappWebhook(options: TakeWhatsappWebhookOptions): TakeWhatsappWebhook {
  const { admission, tenants, sink, keepRejected, metrics, now } = options;
  const publicUrl = options.publicUrl?.replace(/\/+$/, '');

  return async function takeWhatsappWebhook(webhook) {
    const address = addressKey(webhook.address);
    const { held, authentic } = await proveSender(admission, { request: webhook.request, address }, (taken) =>
      authenticate(webhook, taken),
    );
    try {
      admission.admitTenant(authentic.tenant, address);
      await accept(webhook, authentic);
    } finally {
      held.release();
    }
  };

  function refuse(reason: RefusalReason): RequestProblem {
    metrics.refusals.inc({ reason });
    return refused(reason);
  }

  async function authenticate({ request, tenantName }: WhatsappWebhook, held: Held): Promise<Authentic> {
    let fields: FormFields | null = null;
    const url = `${publicUrl ?? 'https://unset.invalid'}${request.url ?? ''}`;
    const isForm = mediaOf(request, twilioMedia) === form;
    // A JSON body is signed by its hash alone; without one nothing of it is proven.
    if (!isForm && !url.includes('bodySHA256')) throw refuse('wrong');
    const scheme = twilioScheme({ url, fieldsOf: () => fields ?? new Map() });
    const claims = readClaims(request, [scheme], Math.floor(now() / 1000));
    if (typeof claims === 'string') throw refuse(claims);

    const body = await takeBody(request, held, options);

    fields = isForm ? readForm(body) : readJsonFields(body);
    const tenant = publicUrl === undefined ? undefined : tenantOf(tenantName, fields);
    const prover = tenant && { webhookModes: new Set(['twilio']), secrets: tenant.twilioSecrets };
    const reason = checkClaims(claims, prover, tenants.secretSlots(), body);
    if (reason || !tenant) throw refuse(reason ?? 'unknown_tenant');
    return { tenant, body, fields };
  }

  /** Of the path, else of the clinic's number; a number that is another's makes it nobody's. */
  function tenantOf(name: string | undefined, fields: FormFields | null): Tenant | undefined {
    const address = fields ? clinicAddressOf(fields) : '';
    const channel = address.startsWith('whatsapp:') ? 'whatsapp' : 'sms';
    const byNumber = tenants.findByNumber(channel, address.replace(/^[a-z]+:/, ''));
    const named = name === undefined ? (byNumber ?? tenants.find(undefined)) : tenants.find(name);
    return byNumber && byNumber.id !== named?.id ? undefined : named;
  }

  async function accept(webhook: WhatsappWebhook, { tenant, body, fields }: Authentic): Promise<void> {
    const receivedAt = now();
    const headers = headersOf(webhook.request, tenant, receivedAt);
    const refuseBody = async ({ reason, detail, errors }: Rejection, eventId: string | null) => {
      const contentType = webhook.request.headers['content-type'] ?? form;
      const rejected = { tenantId: tenant.id, source: 'twilio', reason, errors, body, contentType };
      await keepRejected({ ...rejected, eventId, callId: null, receivedAt }, headers);
      throw invalid(reason === 'not_json' ? 400 : 422, reason, detail, errors);
    };
    if (!fields) return refuseBody(notParsed.not_json, null);
    const read = readMessage(fields, webhook.sendId);
    if (!read.ok) return refuseBody(invalidBody(read.errors), null);
    const event = toEvent(read.message, tenant.id, receivedAt, options.pseudonymKey);
    try {
      await sink.sendMessage(event, { ...headers, 'event-id': event.event_id });
    } catch (error) {
      const rejection = rejectionOf(error);
      if (!rejection) throw brokerAway(error);
      return refuseBody(rejection, event.event_id);
    }
    metrics.accepted.inc({ vendor: 'twilio', event: event.event_type });
  }
}

function toEvent(
  { word, contact, ...message }: TwilioMessage,
  tenantId: string,
  receivedAt: number,
  key: KeyObject,
): MessageReceived {
  const type =
    message.event_type === 'message.status' || message.event_type === 'message.edited'
      ? message.event_type
      : 'message.received';
  return {
    ...message,
    event_id: twilioEventId(tenantId, type, message.message_id, word),
    tenant_id: tenantId,
    source: 'twilio',
    received_at: receivedAt,
    contact_key: contactKeyOf(key, tenantId, message.channel, contact),
  };
}
