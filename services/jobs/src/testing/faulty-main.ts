/** The process "jobs" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { jobsShape } from '../config.ts';
import { startJobs } from '../main.ts';

await runService('jobs', { ...jobsShape, ...faultShape }, (context) =>
  startJobs(context, createFault(context.config)),
);
