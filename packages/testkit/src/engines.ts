import { z } from 'zod';

/** Where the engines of a test stack are reached; tests get it by `inject('engines')`. */
export const enginesSchema = z.object({
  /** `host:port` */
  kafka: z.string(),
  /** The Confluent-compatible base. */
  schemaRegistry: z.string(),
  /** A superuser's URL. */
  postgresAdmin: z.string(),
  clickhouse: z.object({
    url: z.string(),
    user: z.string(),
    password: z.string(),
    /** The data team's user: it reads PHI-free views and nothing else. */
    analyst: z.object({ user: z.string(), password: z.string() }),
  }),
});

export type Engines = z.infer<typeof enginesSchema>;

declare module 'vitest' {
  interface ProvidedContext {
    engines: Engines;
  }
}
