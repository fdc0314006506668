import type { EngineName } from './chosen.ts';
import type { EngineAccess } from './engine-urls.ts';

/** How services reach engines that something stands before. */
export function reachedThrough(
  { kafka, schemaRegistry, postgres, clickhouse }: Partial<EngineAccess>,
  at: Partial<Record<EngineName, number>> = {},
): Partial<EngineAccess> {
  const moved = (url: string, port: number | undefined) => {
    if (port === undefined) return url;
    const other = new URL(url);
    other.port = String(port);
    return other.href;
  };
  return {
    kafka: kafka && (at.kafka === undefined ? kafka : { ...kafka, KAFKA_BROKERS: [`127.0.0.1:${at.kafka}`] }),
    schemaRegistry: schemaRegistry && moved(schemaRegistry, at['schema-registry']),
    postgres: postgres && moved(postgres, at.postgres),
    clickhouse: clickhouse && { ...clickhouse, url: moved(clickhouse.url, at.clickhouse) },
  };
}
