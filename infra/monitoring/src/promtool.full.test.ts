import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const cwd = fileURLToPath(new URL('../../../', import.meta.url));

/** `promtool` of the PATH (Debian: package prometheus; npm has none). */
const promtool = (...args: string[]) => execFileSync('promtool', args, { cwd, encoding: 'utf8' });

it('promtool finds settings and rules right, and each fires where it must', () => {
  expect(promtool('check', 'rules', 'infra/prometheus/alerts.yml')).toContain('SUCCESS');
  expect(promtool('check', 'config', 'infra/prometheus/prometheus.yml')).toContain('SUCCESS');
  expect(promtool('test', 'rules', 'infra/prometheus/alerts.test.yml')).toContain('SUCCESS');
});
