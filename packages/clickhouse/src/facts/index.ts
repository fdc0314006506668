import { factDefinitions } from '@switchboard/domain/facts/fact-definitions';
import { voiceCallFact } from '@switchboard/domain/facts/voice-call';
import { type FactTable, factTableOf } from './fact-table.ts';
import type { JointRollup } from './joint-rollup.ts';

/** Every kind of fact that ClickHouse holds. */
export const factTables: readonly FactTable[] = [voiceCallFact, ...factDefinitions].map(factTableOf);

/** Names that readers know and that no single kind has. */
export const jointRollups: readonly JointRollup[] = [
  {
    rollup: 'analytics_communication',
    facts: factTables.filter(({ kind }) => kind === 'message' || kind === 'conversation'),
  },
];
