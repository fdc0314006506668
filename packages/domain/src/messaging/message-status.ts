/** How far each status is; what has failed came to its end. */
const ranks: Readonly<Record<string, number>> = {
  received: 1,
  queued: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  failed: 5,
  undelivered: 5,
};

/** A status of a message, and the event that said it. Times are Unix ms. */
export interface ToldStatus {
  status: string;
  at: number;
  errorCode: string | null;
}

/**
 * Of two statuses the one that holds: what is further on, so that a late callback takes nothing back. Of one status told
 * twice it is the first time. Commutative, associative and idempotent.
 */
export function furtherStatus(left: ToldStatus, right: ToldStatus): ToldStatus {
  const by = (ranks[left.status] ?? 0) - (ranks[right.status] ?? 0);
  if (by !== 0) return by > 0 ? left : right;
  if (left.status !== right.status) return left.status > right.status ? left : right;
  if (left.at !== right.at) return left.at < right.at ? left : right;
  return (left.errorCode ?? '') >= (right.errorCode ?? '') ? left : right;
}
