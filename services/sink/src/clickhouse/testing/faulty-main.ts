/** The process "sink-clickhouse" that does something to itself at a step, for tests; see fault.ts. */
import { runService } from '@switchboard/platform';
import { sinkShape, startSink } from '../start-sink.ts';
import { createFault, faultShape } from './fault.ts';

await runService('sink-clickhouse', { ...sinkShape, ...faultShape }, (context) =>
  startSink(context, createFault(context.config)),
);
