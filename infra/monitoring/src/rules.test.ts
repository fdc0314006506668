import { globSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { checkExpression } from './check-expression.ts';
import { findMetrics, seriesOf } from './find-metrics.ts';
import { readRules } from './read-rules.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');
const series = seriesOf(findMetrics());

const rules = readRules();

/** Alerts of which some test asks whether they fire: the first argument of a call, where `firing` is imported. */
const provoked = globSync('{packages,services,tests}/**/*.test.ts', {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
})
  .map(read)
  .filter((text) => text.includes(`from '@switchboard/monitoring/firing'`))
  .flatMap((text) => Array.from(text.matchAll(/\(\s*'(\w+)',/g), ([, name]) => name));

const conditions = z
  .object({
    tests: z.array(
      z.object({
        input_series: z.array(z.object({ series: z.string() })),
        alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
      }),
    ),
  })
  .parse(parse(read('infra/prometheus/alerts.test.yml'))).tests;

describe.each(rules)('alert $alert', ({ alert, expr, annotations }) => {
  it('asks for series and labels that some process exports', () => {
    expect(checkExpression(expr, series)).toEqual([]);
  });

  it('has a runbook that says what it means, how to look and what to do', () => {
    expect(annotations.runbook).toBe(`docs/runbooks/${alert}.md`);
    const headings = [...read(annotations.runbook).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([alert, 'What it means', 'How to look', 'What to do']);
    expect(read('docs/runbooks/README.md')).toContain(`[${alert}](${alert}.md)`);
  });

  it('is provoked by a test that asks its expression of what a process exports', () => {
    expect(provoked).toContain(alert);
  });

  it('has its condition made up for promtool, by series that exist, and one that is none beside it', () => {
    const own = conditions.filter(({ alert_rule_test: [one] }) => one?.alertname === alert);
    expect(own.map(({ alert_rule_test: [one] }) => (one?.exp_alerts.length ?? 0) > 0)).toEqual([true, false]);
    for (const { series: given } of own.flatMap(({ input_series: input }) => input))
      expect([given, checkExpression(given, series)]).toEqual([given, []]);
  });
});

it('no runbook is left of an alert that is gone', () => {
  const pages = readdirSync(`${root}docs/runbooks`).filter((file) => file !== 'README.md');
  expect(pages.sort()).toEqual(rules.map(({ alert }) => `${alert}.md`).sort());
});

it('runbooks and dashboards name no metric that no process exports', () => {
  const bases = new Set(findMetrics().map(({ name }) => name));
  for (const file of [...globSync('docs/runbooks/*.md', { cwd: root }), 'docs/operations.md'])
    for (const [name] of read(file).matchAll(
      /\b(switchboard|kafka_consumergroup|http_request)_[a-z_]+[a-z]\b/g,
    ))
      if (!/^switchboard_(migrate|sink|api|ingest|enrich|definer|block_done|outbox|session)$/.test(name))
        expect([file, name, bases.has(name) || series.has(name)]).toEqual([file, name, true]);
});
