/** The process "sink-clickhouse" that does something to itself at a step, for tests; see the testkit's fault.ts. */
import { runService } from '@switchboard/platform';
import { clickhouseSinkShape } from '../config.ts';
import { startSink } from '../start-sink.ts';
import { createFault, faultShape } from '@switchboard/testkit/fault';

await runService('sink-clickhouse', { ...clickhouseSinkShape, ...faultShape }, (context) =>
  startSink(context, createFault(context.config)),
);
