/** `npm run check:metrics`: whether the tables can answer each metric at its source; exit code 1 when one can't be. */
import { checkMetrics } from './check-metrics.ts';
import { renderMetrics } from './render-metrics.ts';

const checked = checkMetrics();
process.stdout.write(renderMetrics(checked));
process.exitCode = checked.some(({ problems }) => problems.length > 0) ? 1 : 0;
