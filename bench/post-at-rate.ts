import { setTimeout as sleep } from 'node:timers/promises';

export interface PostAtRateOptions {
  bodies: Iterable<string>;
  /** A second. */
  rate: number;
  /** @param dueAt by `performance.now()` */
  post(body: string, dueAt: number): Promise<void>;
  /** Nothing more is set out. */
  ended?: AbortSignal;
}

/** Sets each body out at its time, however slow the answers are; resolves when all are answered. */
export async function postAtRate({ bodies, rate, post, ended }: PostAtRateOptions): Promise<void> {
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let index = 0;
  for (const body of bodies) {
    const dueAt = startedAt + (index * 1_000) / rate;
    index += 1;
    await Promise.race([sleep(Math.max(0, dueAt - performance.now())), failed.promise]);
    if (ended?.aborted) break;
    const posted = post(body, dueAt)
      .catch(failed.reject)
      .finally(() => underWay.delete(posted));
    underWay.add(posted);
  }
  await Promise.race([Promise.all(underWay), failed.promise]);
}
