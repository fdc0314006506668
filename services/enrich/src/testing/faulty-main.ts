/** The process "enrich" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { enrichShape } from '../config.ts';
import { startEnrich } from '../main.ts';

await runService('enrich', { ...enrichShape, ...faultShape }, (context) =>
  startEnrich(context, createFault(context.config)),
);
