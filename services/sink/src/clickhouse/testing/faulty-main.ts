/** The process "sink-clickhouse" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { createFault, faultShape } from '@switchboard/testkit/fault';
import { clickhouseSinkShape } from '../config.ts';
import { startSink } from '../start-sink.ts';

await runService('sink-clickhouse', { ...clickhouseSinkShape, ...faultShape }, (context) =>
  startSink(context, createFault(context.config)),
);
