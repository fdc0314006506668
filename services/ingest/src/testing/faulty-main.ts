/** The process "ingest" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { ingestShape } from '../config.ts';
import { startIngest } from '../main.ts';

await runService('ingest', { ...ingestShape, ...faultShape }, (context) =>
  startIngest(context, createFault(context.config)),
);
