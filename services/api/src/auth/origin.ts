import { RequestProblem } from '@switchboard/platform/problem';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a write that another site's page sends with our cookie: browsers name the page's origin on every POST.
 * Programs send neither header, and carry no cookie against their will.
 */
export function createCheckOrigin(allowed: readonly string[]) {
  return async function checkOrigin(request: FastifyRequest): Promise<void> {
    const { origin } = request.headers;
    const foreign =
      origin === undefined
        ? request.headers['sec-fetch-site'] === 'cross-site'
        : !allowed.includes(origin) && hostOf(origin) !== request.host;
    if (foreign)
      throw new RequestProblem(
        403,
        'foreign_origin',
        'Another site’s page may not do this with your session.',
      );
  };
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
