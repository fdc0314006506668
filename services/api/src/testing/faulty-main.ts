/** The process "api" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { apiShape } from '../config.ts';
import { startApi } from '../main.ts';

await runService('api', { ...apiShape, ...faultShape }, (context) =>
  startApi(context, createFault(context.config)),
);
