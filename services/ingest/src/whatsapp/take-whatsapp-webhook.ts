import type { IncomingMessage } from 'node:http';
import type { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import { mediaOf } from '../admission/media.ts';
import { addressKey } from '../admission/rate-limit.ts';
import type { IngestMetrics } from '../ingest-metrics.ts';
import { checkClaims, type RefusalReason, readClaims } from '../signatures/check-signatures.ts';
import { type FormFields, twilioScheme } from '../signatures/twilio.ts';
import type { Tenant, TenantDirectory } from '../tenants/tenant-directory.ts';
import type { Admission } from '../webhook/admit-request.ts';
import { headersOf } from '../webhook/event-headers.ts';
import { proveSender } from '../webhook/prove-sender.ts';
import { takeBody } from '../webhook/take-body.ts';
import { refused } from '../webhook/webhook-problems.ts';
import type { AcceptMessage } from './accept-message.ts';
import { readForm, readJsonFields } from './read-fields.ts';
import { clinicAddressOf } from './read-message.ts';

const form = 'application/x-www-form-urlencoded';
export const twilioMedia = [form, 'application/json'] as const;

export interface TakeWhatsappWebhookOptions {
  admission: Admission;
  tenants: TenantDirectory;
  acceptMessage: AcceptMessage;
  /** Where Twilio reaches us, before the path; undefined: nobody's signature can be right. */
  publicUrl: string | undefined;
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
  const { admission, tenants, acceptMessage, metrics, now } = options;
  const publicUrl = options.publicUrl?.replace(/\/+$/, '');

  return async function takeWhatsappWebhook(webhook) {
    const address = addressKey(webhook.address);
    const { held, authentic } = await proveSender(admission, { request: webhook.request, address }, (taken) =>
      authenticate(webhook, taken),
    );
    try {
      await admission.admitTenant(authentic.tenant, address);
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
    await acceptMessage({
      tenant,
      body,
      contentType: webhook.request.headers['content-type'] ?? form,
      fields,
      sendId: webhook.sendId,
      receivedAt,
      headers: headersOf(tenant, webhook.request.headers.traceparent, receivedAt),
    });
  }
}
