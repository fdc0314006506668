import { RequestProblem } from '@switchboard/platform/problem';
import { type Client, type Pool, withTenant } from '@switchboard/postgres';
import type { FastifyRequest } from 'fastify';

/**
 * As `withTenant`, for as long as whoever asks is there: a request whose client has gone waits for no lock, and keeps no
 * connection from others. Nothing of it is done, unless it was being committed: that, nobody was told of either.
 * @throws RequestProblem 499, which nobody hears
 */
export async function whileAsked<T>(
  { raw: { socket } }: FastifyRequest,
  pool: Pool,
  tenantId: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  // Fastify's own signal comes as soon as the body was read.
  const gone = new AbortController();
  const leave = () => gone.abort();
  socket.once('close', leave);
  if (socket.destroyed) leave();
  try {
    return await withTenant(pool, tenantId, work, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
    throw new RequestProblem(499, 'client_gone', 'The client did not wait for the answer.', { cause: error });
  } finally {
    socket.off('close', leave);
  }
}
