import type { IncomingMessage } from 'node:http';
import { RequestProblem } from '@switchboard/platform/problem';
import type { Held } from '../admission/in-flight.ts';
import type { Admission } from './admit-request.ts';

/**
 * Admits a request by its headers and has its sender proven. What is held is for the caller to release.
 * @throws RequestProblem; then nothing is held
 */
export async function proveSender<A>(
  admission: Admission,
  { request, address }: { request: IncomingMessage; address: string },
  authenticate: (held: Held) => Promise<A>,
): Promise<{ held: Held; authentic: A }> {
  let held: Held | undefined;
  try {
    // What costs nothing stands first: a flood is turned away by its headers.
    held = admission.admitRequest(request, address);
    // Nothing is parsed before its sender is known.
    return { held, authentic: await authenticate(held) };
  } catch (error) {
    held?.release();
    if (error instanceof RequestProblem && error.problem.status === 503) admission.forgive(address);
    throw error;
  }
}
