import { createPool } from '@switchboard/postgres';
import { loadTenantSettings } from '@switchboard/postgres/tenants';
import { enrichedEvent, receivedEvent } from '@switchboard/testkit/factories';
import type { RandomCall } from '@switchboard/testkit/random-calls';
import { writeEvents } from '../../postgres/write-events.ts';
import type { Stand } from './stand.ts';

/** Calls through the Postgres sink, so that records and statements are the real ones. */
export async function writeCalls(
  stand: Stand,
  count: number,
  change = (call: RandomCall, _index: number) => call,
): Promise<void> {
  const pool = createPool({ url: stand.databaseUrl, applicationName: 'test' });
  try {
    const tenant = (await loadTenantSettings(pool, [stand.tenantId])).get(stand.tenantId);
    if (!tenant) throw new Error('the tenant was just made');
    const calls = stand.calls(count).map(change);
    const events = calls.map((call, index) =>
      enrichedEvent(
        receivedEvent({
          tenant_id: stand.tenantId,
          call_id: call.id,
          outcome: call.outcome,
          received_at: call.analyzedAt ?? Date.UTC(2026, 9, 16),
          vendor_extraction: call.intent ? { intent: call.intent, confidence: 0.9, entities: null } : null,
          transcript: call.callerTurns === null ? null : transcriptOf(call.callerTurns),
          quality: {
            audio_score: call.audioScore,
            transcription_confidence: call.transcriptionConfidence,
            latency_ms_p50: call.latencyMsP50,
            latency_ms_p95: call.latencyMsP95,
            interruptions: call.interruptions,
            silence_seconds: call.silenceSeconds,
          },
          tool_calls: call.toolCalls.map((tool, position) => ({
            id: `t${position}`,
            name: 'available-slots',
            requested_at: call.beganAt,
            responded_at: tool.latencyMs === null ? null : call.beganAt + tool.latencyMs,
            ok: tool.ok,
          })),
          call: {
            direction: call.direction,
            from_number: `+9198123456${String(index % 40).padStart(2, '0')}`,
            to_number: `+9198123456${String(index % 17).padStart(2, '0')}`,
            status: call.status,
            started_at: call.beganAt,
            answered_at: call.answeredAt,
            ended_at: call.endedAt,
            duration_seconds: call.durationSeconds,
            end_reason: call.endReason,
            language: call.language,
            agent_id: call.agentId,
            transferred_to: call.transferred ? '+912212345678' : null,
            cost_minor: call.costMinor,
            cost_currency: call.costCurrency,
          },
        }),
      ),
    );
    await writeEvents(
      { pool, pseudonymKey: Buffer.alloc(32, 1), now: Date.now },
      tenant,
      events.map((event) => ({ event, traceparent: null })),
    );
  } finally {
    await pool.end();
  }
}

/** With one turn of the agent, so that no turn of the caller's is known to be none. */
function transcriptOf(callerTurns: number) {
  const turns = ['agent', ...Array<string>(callerTurns).fill('caller')].map((speaker, index) => ({
    index,
    speaker,
    text: 'words',
    start_ms: null,
    end_ms: null,
    confidence: null,
  }));
  return { language: null, engine: null, turns };
}
