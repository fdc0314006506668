import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const shape = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

/** An alert as infra/prometheus/alerts.yml has it. */
export type Rule = z.infer<typeof shape>['groups'][number]['rules'][number];

export function readRules(): Rule[] {
  const text = readFileSync(new URL('../../prometheus/alerts.yml', import.meta.url), 'utf8');
  return shape.parse(parse(text)).groups.flatMap(({ rules }) => rules);
}
