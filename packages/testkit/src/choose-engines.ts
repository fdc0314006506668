import { request } from 'node:http';

/** Where a test run's engines come from. */
export type EngineSource = 'embedded' | 'containers';

/**
 * Containers where a Docker daemon answers, embedded engines elsewhere; `wanted` (SWITCHBOARD_TEST_STACK) decides by
 * itself when it is set.
 * @throws Error when `wanted` is neither, or containers are wanted and no daemon answers
 */
export async function chooseEngines(
  wanted: string | undefined,
  dockerAnswers: () => Promise<boolean>,
): Promise<EngineSource> {
  if (wanted === 'embedded') return 'embedded';
  if (wanted !== undefined && wanted !== '' && wanted !== 'containers') {
    throw new Error('SWITCHBOARD_TEST_STACK: must be `embedded` or `containers`');
  }
  if (await dockerAnswers()) return 'containers';
  if (wanted === 'containers') throw new Error('SWITCHBOARD_TEST_STACK: no Docker daemon answers');
  return 'embedded';
}

/**
 * Whether a Docker daemon answers its ping (https://docs.docker.com/reference/api/engine/#operation/SystemPing).
 * @param dockerHost as in DOCKER_HOST: `unix:///path` or `tcp://host:port`; Docker's usual socket unless set
 * @param timeoutMs of an answer
 */
export function dockerAnswers(
  dockerHost = 'unix:///var/run/docker.sock',
  timeoutMs = 1_000,
): Promise<boolean> {
  const at = URL.parse(dockerHost);
  if (!at) return Promise.resolve(false);
  const where =
    at.protocol === 'unix:' ? { socketPath: at.pathname } : { host: at.hostname, port: at.port || 2375 };
  return new Promise((resolve) => {
    const asked = request({ ...where, path: '/_ping', timeout: timeoutMs }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.on('close', () => resolve(false));
    asked.end();
  });
}
