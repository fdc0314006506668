import { type Client, type Pool, together, withTenant } from '@switchboard/postgres';
import { type AuditEntry, writeAudit } from '@switchboard/postgres/api/audit';
import { keepUse, type ToolUse } from '@switchboard/postgres/voice-tools/uses';

/** A use of a tool, whatever came of it. */
export interface TracedUse {
  audit: Pick<AuditEntry, 'tenantId' | 'actorKind' | 'actorId' | 'requestId'>;
  tool: string;
  /** The vendor's id of the call. */
  callRef: string | null;
  /** When the request came, by `performance.now()`. */
  begun: number;
  /** Unix ms. */
  now: number;
}

/** What was answered to it, and what is kept besides. */
export interface Outcome extends Partial<Omit<ToolUse, 'ok' | 'code'>> {
  ok: boolean;
  code: string;
  /** The appointment that the answer is about. */
  about?: string | null | undefined;
}

/** Keeps a use, and writes it to the audit log. */
export async function traceUse(
  client: Client,
  { audit, tool, callRef, begun, now }: TracedUse,
  { about = null, ...outcome }: Outcome,
): Promise<void> {
  const { tenantId } = audit;
  const { ok, code, repeated = false } = outcome;
  const latencyMs = Math.round(performance.now() - begun);
  const none = { key: null, answer: null, appointmentId: null, repeated, askedFor: null };
  await together(
    keepUse(client, tenantId, { tool, callRef, latencyMs, ...none, ...outcome }, now),
    writeAudit(client, {
      ...audit,
      action: `voice_tool.${tool}`,
      ...(about !== null && { entityKind: 'appointment', entityId: about }),
      details: { ok, code, ...(repeated && { repeated }) },
    }),
  );
}

/** How long the trace of what did nothing may take: nobody waits for it. */
const mostMs = 3_000;

/** Traces a use that did nothing, in a transaction of its own; where the store is slow or away there is none. */
export async function traceAlone(pool: Pool, use: TracedUse, outcome: Outcome): Promise<void> {
  const work = (client: Client) => traceUse(client, use, outcome);
  await withTenant(pool, use.audit.tenantId, work, AbortSignal.timeout(mostMs)).catch(() => undefined);
}
