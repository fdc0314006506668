/** Engines that are there already; what is not named is started embedded. */
export interface GivenEngines {
  /** `host:port,…` */
  kafka?: string;
  /** Confluent-compatible base. */
  schemaRegistry?: string;
  /** A superuser's URL of the database to use. */
  postgres?: string;
  clickhouse?: { url: string; user: string; password: string };
}

/** Where each engine is reached. */
export interface EngineUrls {
  kafka: string;
  schemaRegistry: string;
  /** A superuser's. */
  postgres: string;
  clickhouse: { url: string; user: string; password: string };
}

/** Each engine as soon as it is ready; all four are awaited by the caller, whatever becomes of one. */
export interface StartingEngines {
  kafka: Promise<string>;
  schemaRegistry: Promise<string>;
  postgres: Promise<string>;
  clickhouse: Promise<EngineUrls['clickhouse']>;
}
