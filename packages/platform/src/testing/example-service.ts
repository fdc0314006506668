import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { secret } from '../config.ts';
import { runService } from '../service.ts';

const shape = {
  /** What goes wrong: nothing, a start that throws, a fault later, a promise that nobody waits for. */
  FAULT: z.enum(['none', 'start', 'later', 'unhandled']).default('none'),
  TOKEN: secret(z.string()),
};

const say = (line: string) => process.stdout.write(`${line}\n`);

/** The smallest service: two parts that say when they start and stop. */
await runService('example', shape, async ({ config, lifecycle, fatal }) => {
  await lifecycle.start('first', () => ({ value: say('+first'), stop: () => void say('-first') }));
  if (config.FAULT === 'start') {
    await lifecycle.start('second', () => Promise.reject(new Error(`hunter2 ${config.TOKEN}`)));
  }
  const alive = setInterval(() => undefined, 1_000);
  await lifecycle.start('second', () => ({
    value: say('+second'),
    async stop() {
      await delay(10);
      clearInterval(alive);
      say('-second');
    },
  }));
  if (config.FAULT === 'later') setTimeout(() => fatal(new Error('hunter2')), 10);
  if (config.FAULT === 'unhandled') void Promise.reject(new Error('hunter2'));
});
