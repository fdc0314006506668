import { factDefinitions } from '@switchboard/domain/facts/fact-definitions';
import { stateVoiceCall } from '@switchboard/domain/facts/voice-call';
import { randomCalls } from '@switchboard/testkit/random-calls';
import { randomStatements } from '@switchboard/testkit/random-statements';
import { describe, expect, it } from 'vitest';
import { statementColumns } from './fact-table.ts';
import { factTables } from './index.ts';

const span = { count: 20, seed: 1, from: Date.UTC(2026, 9, 1), to: Date.UTC(2026, 9, 2) };
const zone = 'Asia/Kolkata';
const statements = [
  ...randomCalls(span).map((call) => ({ kind: 'voice_call', statement: stateVoiceCall(call, zone) })),
  ...randomStatements(span, zone),
];

describe.each(factTables)('$name', (fact) => {
  it('has a column for every word of a statement, and none besides', () => {
    const stated = statements.find(({ kind, statement }) => kind === fact.kind && statement !== null);
    const columns = ['tenant_id', 'entity_id', 'basis', ...Object.keys(stated?.statement ?? {})];
    expect(statementColumns(fact).toSorted()).toEqual(columns.toSorted());
  });
});

it('every kind that is stated has its tables', () => {
  expect(factTables.map(({ name }) => name).toSorted()).toEqual(
    ['fact_voice_call', ...factDefinitions.map(({ kind }) => `fact_${kind}`)].toSorted(),
  );
  expect(factTables.map(({ rollup }) => rollup)).toEqual(
    expect.arrayContaining(['analytics_appointment', 'analytics_journey', 'analytics_voice_call']),
  );
});

it('each type of a dimension has a type of ClickHouse', () => {
  const conversation = factTables.find(({ kind }) => kind === 'conversation');
  expect(conversation?.dimensions).toMatchObject({
    channel: 'LowCardinality(String)',
    labels: 'Array(LowCardinality(String))',
    assignee_id: 'UUID',
    waiting_since: "DateTime64(3, 'UTC')",
  });
});
