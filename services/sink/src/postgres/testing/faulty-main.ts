/** The process "sink-postgres" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { postgresSinkShape } from '../config.ts';
import { startPostgresSink } from '../main.ts';

await runService('sink-postgres', { ...postgresSinkShape, ...faultShape }, (context) =>
  startPostgresSink(context, createFault(context.config)),
);
