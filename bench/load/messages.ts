import { z } from 'zod';

/** What a load process is told, on its standard input. */
export const loadOrder = z.object({
  url: z.url(),
  secret: z.string(),
  /** Closed loop: so many connections, each with one request at a time. Open loop: so many requests a second. */
  kind: z.enum(['closed', 'open']),
  connections: z.number(),
  perSecond: z.number(),
  seconds: z.number(),
  turns: z.number(),
  bytes: z.number(),
  /** How many different bodies are made; they are posted in turn, again and again. */
  bodies: z.number(),
  seed: z.number(),
  /** Unix ms before which nothing is posted. */
  notBefore: z.number().optional(),
});
export type LoadOrder = z.infer<typeof loadOrder>;

/** What it answers, on its standard output. */
export const loadAnswer = z.object({
  seconds: z.number(),
  /** By status; 0: no answer. */
  statuses: z.record(z.string(), z.number()),
  /** Of the answers, ms. In an open loop they count from when the request was due. */
  latencies: z.array(z.number()),
});
export type LoadAnswer = z.infer<typeof loadAnswer>;
