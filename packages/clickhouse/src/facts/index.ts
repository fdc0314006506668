import type { FactTable } from './fact-table.ts';
import { voiceCallFact } from './voice-call.ts';

/** Every kind of fact that ClickHouse holds. */
export const factTables: readonly FactTable[] = [voiceCallFact];
