import { setTimeout as wait } from 'node:timers/promises';
import { pseudonymOf } from '@switchboard/domain/pseudonym';
import { SwitchboardError } from '@switchboard/platform';
import {
  allAnswered,
  type Client,
  isTransient,
  lockTenant,
  type Pool,
  together,
  withTenant,
} from '@switchboard/postgres';
import { loadVisitTypes } from '@switchboard/postgres/scheduling/visit-types';
import { loadDirectory } from '@switchboard/postgres/voice-tools/directory';
import { findKept, keyOfAsked } from '@switchboard/postgres/voice-tools/uses';
import type { z } from 'zod';
import { tenantOf } from '../routes/tenant-of.ts';
import { byDeadline, deadlineMs, untilEven } from './deadline.ts';
import { linesOf } from './spoken/speak.ts';
import type { ToolContext, ToolResult } from './tool-context.ts';
import { toolAnswer } from './tool-schema.ts';
import { type TracedUse, traceAlone, traceUse } from './trace-use.ts';

export type ToolAnswer = z.infer<typeof toolAnswer>;

export interface ToolRun {
  pool: Pool;
  pseudonymKey: Buffer;
  now(): number;
  tool: string;
  /** Changes something: under the tenant's lock, and once per use. */
  writes: boolean;
  /** What answers to who has proved nothing take is a multiple of it, ms: nobody may tell by the time whether somebody was found. */
  evenMs: number;
  body: { call_id?: string | undefined; tool_call_id?: string | undefined; language?: string | undefined };
  audit: TracedUse['audit'];
  /** When the request came, by `performance.now()`. */
  begun: number;
  work(context: ToolContext): Promise<ToolResult>;
}

/** What is under way by then is taken back, not finished behind the caller's back. */
const statementMs = 3_000;
/** With less left before the deadline nothing is begun that would only be taken back: others wait for the connection. */
const leastMs = 1_000;
/** Who waits for another's lock is told so much before the deadline, by the store itself: no one needs to end it. */
const lockMarginMs = 400;
/** A connection that breaks silently in the middle keeps the tenant's lock no longer. */
const idleMs = 4_000;

/** Runs a tool for one use, or says in time that it takes too long. What is not told is not done, but for a commit under way. */
export async function runTool(run: ToolRun): Promise<ToolAnswer> {
  const gaveUp = new AbortController();
  return byDeadline(run.begun, answer(run, gaveUp.signal), () => {
    gaveUp.abort();
    return fallBack(run);
  });
}

/** What is said while the store is slow or away. */
export function spokenFallback(language: string | undefined): ToolAnswer {
  const spoken = linesOf(language).fallback;
  return { ok: false, code: 'NEEDS_HUMAN', retryable: true, alternatives: [], spoken };
}

/** That it was said is traced behind the answer, if the store lets it and no other caller waits for it. */
function fallBack(run: ToolRun): ToolAnswer {
  const said = spokenFallback(run.body.language);
  if (run.pool.waitingCount === 0) void traceAlone(run.pool, tracedOf(run), said);
  return said;
}

async function answer(run: ToolRun, gaveUp: AbortSignal): Promise<ToolAnswer> {
  try {
    const begun = performance.now();
    const { answered, proven } = await inTransaction(run, gaveUp);
    if (!proven) await wait(untilEven(begun, run.evenMs, run.begun));
    return answered;
  } catch (error) {
    // Told already, with its trace.
    if (gaveUp.aborted) return spokenFallback(run.body.language);
    if (!isAway(error)) throw error;
    return fallBack(run);
  }
}

function tracedOf({ audit, tool, body, begun, now }: ToolRun): TracedUse {
  return { audit, tool, callRef: body.call_id ?? null, begun, now: now() };
}

function isAway(error: unknown): boolean {
  return isTransient(error) || (error instanceof SwitchboardError && error.code === 'too_late');
}

interface Done {
  answered: ToolAnswer;
  /** Of somebody who has proved who they are. */
  proven: boolean;
}

async function inTransaction(run: ToolRun, gaveUp: AbortSignal): Promise<Done> {
  const { pool, writes, body, audit, pseudonymKey, begun } = run;
  const { tenantId } = audit;
  const left = () => deadlineMs - (performance.now() - begun);
  const tooLate = () => new SwitchboardError('too_late', 'the caller was told that it takes too long');
  const work = async (client: Client) => {
    if (left() < leastMs) throw tooLate();
    // What the clinic is like is read before the lock: it is held the shorter. Kinds of visit are read behind it, since who is
    // waited for may retire one.
    const [, tenant, directory, readTypes] = await together(
      client.query(
        `SELECT set_config('statement_timeout', '${statementMs}', true), set_config('lock_timeout', '${Math.round(left() - lockMarginMs)}', true),
           set_config('idle_in_transaction_session_timeout', '${idleMs}', true)`,
      ),
      tenantOf(client, tenantId),
      loadDirectory(client, tenantId),
      writes ? Promise.resolve(null) : loadVisitTypes(client, tenantId),
    );
    if (writes) await lockTenant(client, tenantId);
    const [key, types] = await together(
      writes ? keyOf(client, run) : Promise.resolve(null),
      readTypes ? Promise.resolve(readTypes) : loadVisitTypes(client, tenantId),
    );
    if (key !== null && body.call_id !== undefined) {
      const kept = await findKept(client, tenantId, body.call_id, key);
      const answered = toolAnswer.safeParse(kept?.answer);
      if (answered.success) {
        const { ok, code } = answered.data;
        await traceUse(client, tracedOf(run), { ok, code, repeated: true, about: kept?.appointmentId });
        return { answered: answered.data, proven: false };
      }
    }
    if (writes) await allAnswered(client);
    const now = run.now();
    const lines = linesOf(body.language);
    const result = await run.work({ client, tenant, pseudonymKey, directory, types, lines, now });
    const { ok, code, spoken, more, appointmentId = null, askedFor = null, proven = false } = result;
    const answered: ToolAnswer = { ok, code, ...more, spoken };
    // Who gives no id of the use may ask the same again when it was refused.
    const keeps = ok || body.tool_call_id !== undefined;
    await traceUse(client, tracedOf(run), {
      ok,
      code,
      key: keeps ? key : null,
      answer: answered,
      appointmentId: ok ? appointmentId : null,
      askedFor,
      about: appointmentId,
    });
    if (left() < 100) throw tooLate();
    return { answered, proven };
  };
  return withTenant(pool, tenantId, work, gaveUp);
}

/** The use's own id, or else what it asks for, where its call is: without the key nobody can try out names and birth dates. */
async function keyOf(client: Client, { tool, body, audit, pseudonymKey }: ToolRun): Promise<string | null> {
  if (body.tool_call_id !== undefined) return `${tool}:${body.tool_call_id}`;
  if (body.call_id === undefined) return null;
  const asked = pseudonymOf(pseudonymKey, audit.tenantId, `${tool}:${JSON.stringify(body)}`);
  return keyOfAsked(client, audit.tenantId, body.call_id, asked);
}
