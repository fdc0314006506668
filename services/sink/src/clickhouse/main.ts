import { runService } from '@switchboard/platform';
import { clickhouseSinkShape } from './config.ts';
import { startSink } from './start-sink.ts';

await runService('sink-clickhouse', clickhouseSinkShape, startSink);
