import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkExpression } from './check-expression.ts';
import { findMetrics, seriesOf } from './find-metrics.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const series = seriesOf(findMetrics());
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  panels: z.array(
    z.object({
      title: z.string(),
      description: z.string().min(1),
      datasource: z.object({ uid: z.literal('prometheus') }),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
});

const boards = globSync('infra/grafana/dashboards/*.json', { cwd: root }).map((file) =>
  dashboard.parse(JSON.parse(readFileSync(`${root}${file}`, 'utf8'))),
);

it('there are dashboards, each with an address of its own', () => {
  expect(boards.map(({ uid }) => uid).sort()).toEqual(['switchboard-pipeline', 'switchboard-services']);
});

describe.each(boards)('$title', ({ panels }) => {
  it.each(panels)('$title asks for series and labels that exist', ({ targets }) => {
    for (const { expr, legendFormat } of targets) {
      expect([expr, checkExpression(expr, series)]).toEqual([expr, []]);
      const [, grouped] = /\bby \(([^)]*)\)/.exec(expr) ?? [];
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        if (grouped !== undefined) expect(grouped.split(', ')).toContain(label);
    }
  });
});
