import { type Config, type ConfigShape, loadConfig, printableConfig } from './config.ts';
import { endWhenHung } from './end-when-hung.ts';
import { describeError, SwitchboardError } from './errors.ts';
import { freeMemoryWhenIdle } from './idle-memory.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createLogger, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { baseShape } from './shapes.ts';
import type { Tracing } from './trace-context.ts';
import { createTracing } from './tracing.ts';

export interface ServiceContext<S extends ConfigShape> {
  config: Readonly<Config<typeof baseShape> & Config<S>>;
  logger: Logger;
  lifecycle: Lifecycle;
  metrics: Metrics;
  tracing: Tracing;
  /** Ends the process with exit code 1 after stopping what stands: the supervisor starts it anew. */
  fatal(error: unknown): void;
}

/** How long a service may take to stop before it is ended all the same. */
const drainMs = 30_000;

/**
 * The `main` of a service: parses the settings (`--print-config` prints them masked and ends), starts the parts, and
 * stops them in reverse on SIGTERM or SIGINT (exit 0), or on a fatal error (exit 1).
 */
export async function runService<S extends ConfigShape>(
  name: string,
  shape: S,
  start: (context: ServiceContext<S>) => Promise<void>,
): Promise<void> {
  const base = readConfigOrExit(baseShape);
  const own = readConfigOrExit(shape);
  if (process.argv.includes('--print-config')) {
    const printable = { ...printableConfig(baseShape, base), ...printableConfig(shape, own) };
    process.stdout.write(`${JSON.stringify(printable, null, 2)}\n`);
    return;
  }
  const config = Object.freeze({ ...base, ...own });
  const logger = createLogger({ service: name, level: base.LOG_LEVEL });
  const metrics = createMetrics(name);
  const lifecycle = createLifecycle({ logger });
  let ending = false;

  const end = async (code: number, reason: string) => {
    if (ending) return;
    ending = true;
    logger.info({ reason }, 'stopping');
    setTimeout(() => process.exit(code || 1), drainMs).unref();
    await lifecycle.stop();
    logger.info('stopped');
    process.exit(code);
  };
  const fatal = (error: unknown) => {
    logger.fatal({ error }, 'fatal');
    void end(1, 'fatal error');
  };

  process.on('SIGTERM', () => void end(0, 'SIGTERM'));
  process.on('SIGINT', () => void end(0, 'SIGINT'));
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  if (base.SWITCHBOARD_PARENT === 'pipe') {
    process.stdin
      .on('end', () => void end(0, 'parent is gone'))
      .on('error', () => void end(0, 'parent is gone'));
    process.stdin.resume();
  }

  try {
    const tracing = await lifecycle.start('tracing', async () => {
      const value = await createTracing(name, base.OTEL_EXPORTER_OTLP_ENDPOINT);
      return { value, stop: value.stop };
    });
    await start({ config, logger, lifecycle, metrics, tracing, fatal });
    logger.info('ready');
    freeMemoryWhenIdle();
    endWhenHung({ onError: (error) => logger.warn({ error }, 'nobody looks for a hang of the main thread') });
  } catch (error) {
    // A start that was broken off by a signal is not what ends the process.
    if (ending) return;
    logger.fatal({ error }, 'did not start');
    const settingsAreWrong = error instanceof SwitchboardError && error.code === 'config_invalid';
    await end(settingsAreWrong ? 78 : 1, 'fatal error');
  }
}

function readConfigOrExit<S extends ConfigShape>(shape: S): Config<S> {
  try {
    return loadConfig(shape);
  } catch (error) {
    const text = error instanceof SwitchboardError ? error.message : JSON.stringify(describeError(error));
    process.stderr.write(`${text}\n`);
    process.exit(78);
  }
}
