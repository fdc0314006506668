import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from '@switchboard/embedded';
import type { Demo } from '@switchboard/start';
import { z } from 'zod';

const MAIN = fileURLToPath(new URL('../../services/sink/src/clickhouse/verify/main.ts', import.meta.url));
const reportSchema = z.object({ drift: z.number(), findings: z.array(z.unknown()) });

/** Environment of a maintenance command that works on a running stack. */
export function maintenanceEnv(demo: Demo): NodeJS.ProcessEnv {
  return {
    ...childEnv(),
    DATABASE_URL: demo.postgres,
    CLICKHOUSE_URL: demo.clickhouse.url,
    CLICKHOUSE_USER: demo.clickhouse.user,
    CLICKHOUSE_PASSWORD: demo.clickhouse.password,
  };
}

/**
 * What `npm run verify` says.
 * @param settings of a stack with names of its own
 * @throws Error when it can't tell.
 */
export async function runVerify(
  demo: Demo,
  settings: Record<string, string> = {},
): Promise<z.infer<typeof reportSchema>> {
  const env = { ...maintenanceEnv(demo), ...settings };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, '--json'], { env }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      // Exit code 1 says that something drifts, and the report says what.
      if (error.stdout) return { stdout: error.stdout };
      throw new Error(`verify could not tell: ${error.stderr}`);
    },
  );
  return reportSchema.parse(JSON.parse(stdout));
}
