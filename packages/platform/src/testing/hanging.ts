/** A process that is busy for so many ms: `pieces`, coming to its event loop in between, or `whole`. */
import { setImmediate } from 'node:timers/promises';
import { endWhenHung } from '../end-when-hung.ts';

const [how, forMs, patienceMs] = process.argv.slice(2);
endWhenHung({ patienceMs: Number(patienceMs), everyMs: 100 });
const until = performance.now() + Number(forMs);
while (performance.now() < until) {
  if (how === 'pieces') await setImmediate();
}
process.stdout.write('done\n');
process.exit();
