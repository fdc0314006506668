import { runService } from '@switchboard/platform';
import { sinkShape, startSink } from './start-sink.ts';

await runService('sink-clickhouse', sinkShape, startSink);
