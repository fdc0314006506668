import { verify } from '../verify/verify.ts';
import type { Stand } from './stand.ts';

/** Does damage to a stand's stores and mends it again. */
export interface Damage {
  /** Which checks find something now, sorted. */
  found(): Promise<string[]>;
  /** A statement of ClickHouse; mutations are waited for. */
  run(sql: string): Promise<void>;
  /** Runs `work` with the views gone, so that inserts reach the facts alone. */
  withoutViews(work: () => Promise<void>): Promise<void>;
}

export const facts = 'fact_voice_call_e1';
export const daily = 'analytics_voice_call_daily_e1';
export const hourly = 'analytics_voice_call_hourly_e1';

/** A condition that one fact meets. */
export const firstFact = `entity_id = (SELECT min(entity_id) FROM ${facts})`;

/** A condition that the rows of one key of a daily or hourly table meet. */
export function firstKeyOf(table: string, source = table): string {
  const key = 'local_date, status, outcome, intent, direction, cost_currency';
  return `(${key}) IN (SELECT ${key} FROM ${source} ORDER BY ALL LIMIT 1)`;
}

/** A fact once more, changed. */
export function insertFact(change: string): string {
  return `INSERT INTO ${facts} SELECT * REPLACE (${change}) FROM ${facts} WHERE ${firstFact} LIMIT 1`;
}

export function damageOf(stand: Stand): Damage {
  const run = (sql: string) => stand.clickhouse.command(sql, {}, { mutations_sync: '2' });
  return {
    run,
    async found() {
      const { findings } = await stand.maintain(verify);
      return [...new Set(findings.map((finding) => finding.check))].sort();
    },
    async withoutViews(work) {
      const views = ['mv_analytics_voice_call_daily_e1', 'mv_analytics_voice_call_hourly_e1'];
      for (const view of views) await run(`DETACH TABLE ${view}`);
      await work();
      for (const view of views) await run(`ATTACH TABLE ${view}`);
    },
  };
}
