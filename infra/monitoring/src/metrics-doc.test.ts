import { expect, it } from 'vitest';
import { findMetrics, metricsOf } from './find-metrics.ts';
import { renderMetrics } from './render-metrics.ts';

it('docs/metrics.md lists every metric that the code makes; npx vitest run -u writes it', async () => {
  await expect(renderMetrics(findMetrics())).toMatchFileSnapshot('../../../docs/metrics.md');
}, 60_000);

it('reads name, type, help and labels off a call', () => {
  const text = `const sizes = metrics.histogram('a_b', 'What it is', ['topic', 'code'], [1, 2]);`;
  expect(metricsOf('x.ts', text)).toEqual([
    { name: 'a_b', type: 'histogram', help: 'What it is', labels: ['topic', 'code'], file: 'x.ts' },
  ]);
});

it('a metric whose name or labels are put together could not be listed', () => {
  expect(() => metricsOf('x.ts', 'counter(name, "Help")')).toThrow('name and help must be written out');
  expect(() => metricsOf('x.ts', `gauge('a', 'Help', labels)`)).toThrow('labels of a must be written out');
});
