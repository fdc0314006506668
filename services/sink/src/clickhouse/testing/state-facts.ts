import { factDefinitions } from '@switchboard/domain/facts/fact-definitions';
import { stateVoiceCall, voiceCallFact } from '@switchboard/domain/facts/voice-call';
import {
  type FactContext,
  inTransaction,
  type Pool,
  recordFacts,
  type Statement,
} from '@switchboard/postgres';
import type { RandomCall } from '@switchboard/testkit/random-calls';
import type { RandomStatement } from '@switchboard/testkit/random-statements';

/** Of the clinics whose facts these are. */
export const zone = 'Asia/Kolkata';

/** Whose facts are stated, and which shard carries them. */
export type FactsOf = Pick<FactContext, 'tenantId' | 'shard'>;

/** States everything in one transaction, each kind by its rules of today. @returns when it was committed, Unix ms */
export async function stateFacts(
  admin: Pool,
  of: FactsOf,
  calls: readonly RandomCall[],
  others: readonly RandomStatement[],
): Promise<number> {
  const statements: Statement[] = [
    ...calls.map((call) => ({
      kind: voiceCallFact.kind,
      entityId: call.id,
      basis: 'started',
      statement: stateVoiceCall(call, zone),
      eventId: call.id,
    })),
    ...others.map((one) => ({ ...one, eventId: one.entityId })),
  ];
  await inTransaction(admin, async (client) => {
    for (const { kind, statementVersion } of [voiceCallFact, ...factDefinitions]) {
      const ofKind = statements.filter((one) => one.kind === kind);
      await recordFacts(client, { ...of, statementVersion }, ofKind);
    }
  });
  return Date.now();
}
