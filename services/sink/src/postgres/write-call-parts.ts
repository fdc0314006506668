import { type Client, together } from '@switchboard/postgres';
import { clearRecordings } from '@switchboard/postgres/erasure/clear-calls';
import {
  replaceToolCalls,
  replaceTurns,
  upsertExtractions,
  upsertRecordings,
} from '@switchboard/postgres/voice/call-parts';
import type { ChangedCall } from './changed-call.ts';
import { toDate } from './stored-call.ts';

/** Writes what hangs on calls and changed: turns, extraction, recording, tool calls; of what was emptied nothing that tells. */
export async function writeCallParts(
  client: Client,
  tenantId: string,
  calls: readonly ChangedCall[],
): Promise<void> {
  const spoken = calls.flatMap(({ id, stored, emptied, merged }) =>
    merged.changed.has('transcript') && merged.fields.transcript
      ? [{ id, stored, isKept: !emptied.includes('texts'), ...merged.fields.transcript }]
      : [],
  );
  const tools = calls.flatMap(({ id, stored, merged }) =>
    merged.changed.has('tool_calls') && merged.fields.tool_calls
      ? [{ id, stored, calls: merged.fields.tool_calls }]
      : [],
  );
  const storedIds = (parts: readonly { id: string; stored: unknown }[]) =>
    parts.filter(({ stored }) => stored).map(({ id }) => id);
  const owner = (id: string) => ({ tenant_id: tenantId, call_id: id });

  await together(
    replaceTurns(
      client,
      tenantId,
      storedIds(spoken),
      spoken.flatMap(({ id, isKept, transcript }) =>
        (isKept ? transcript.turns : []).map(({ index, ...turn }) => ({
          ...owner(id),
          turn_index: index,
          ...turn,
        })),
      ),
    ),
    upsertExtractions(
      client,
      spoken.flatMap(({ id, analysis, extractorVersion, eventId, countedFrom }) =>
        analysis
          ? [
              {
                ...owner(id),
                extractor_version: extractorVersion,
                event_id: eventId,
                counted_from: new Date(countedFrom),
                ...analysis,
              },
            ]
          : [],
      ),
    ),
    upsertRecordings(
      client,
      calls.flatMap(({ id, merged }) => {
        const recording = merged.changed.has('recording') ? merged.fields.recording : undefined;
        return recording ? [{ ...owner(id), ...recording, source_url: recording.url }] : [];
      }),
    ),
    replaceToolCalls(
      client,
      tenantId,
      storedIds(tools),
      tools.flatMap((tool) =>
        tool.calls.map((call, position) => ({
          ...owner(tool.id),
          position,
          vendor_id: call.id,
          name: call.name,
          requested_at: toDate(call.requested_at),
          responded_at: toDate(call.responded_at),
          ok: call.ok,
        })),
      ),
    ),
  );
  const ended = calls.filter(
    ({ emptied, merged }) => emptied.includes('recording') && merged.changed.has('recording'),
  );
  if (ended.length > 0)
    await clearRecordings(
      client,
      tenantId,
      ended.map(({ id }) => id),
    );
}
