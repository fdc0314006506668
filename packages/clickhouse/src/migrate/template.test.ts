import { voiceCallFact as definition } from '@switchboard/domain/facts/voice-call';
import { describe, expect, it } from 'vitest';
import { factTableOf } from '../facts/fact-table.ts';
import { enginePlaceholders } from './cluster.ts';
import { factPlaceholders, shapeOf, statementsOf } from './template.ts';

const voiceCallFact = factTableOf(definition);
const placeholders = {
  ...factPlaceholders(voiceCallFact),
  ...enginePlaceholders(undefined, 100),
  epoch: '7',
};

describe('migrations', () => {
  it('name the epoch in every table and view that they make for it', () => {
    const statements = statementsOf('0002_epoch_tables', placeholders);
    const made = statements.map((statement) => statement.match(/IF NOT EXISTS (\w+)/)?.[1]);
    expect(made).toEqual([
      'fact_voice_call_e7',
      'analytics_voice_call_daily_e7',
      'analytics_voice_call_hourly_e7',
      'mv_analytics_voice_call_daily_e7',
      'mv_analytics_voice_call_hourly_e7',
    ]);
  });

  it('set the deduplication window on the facts and on every target', () => {
    const tables = statementsOf('0002_epoch_tables', placeholders).filter((one) =>
      one.startsWith('CREATE TABLE'),
    );
    expect(tables).toHaveLength(3);
    for (const table of tables) expect(table).toContain('non_replicated_deduplication_window = 100');
  });

  it('refuse a placeholder that nothing stands for', () => {
    expect(() => statementsOf('0002_epoch_tables')).toThrow('nothing stands for');
  });

  it('have a shape that changes with the columns and not with the epoch', () => {
    const other = { ...voiceCallFact, measures: [...voiceCallFact.measures, 'another'] };
    expect(shapeOf([other])).not.toBe(shapeOf([voiceCallFact]));
    expect(shapeOf([voiceCallFact])).toBe(shapeOf([voiceCallFact]));
  });
});
