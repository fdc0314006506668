import { readFileSync, statfsSync } from 'node:fs';
import { StartError } from './start-error.ts';

/** What decides whether the engines run on a machine. */
export interface MachineFacts {
  platform: string;
  arch: string;
  /** Version of the GNU C library; `undefined` on a Linux with another one, such as Alpine. */
  glibc: string | undefined;
  /** As the kernel names them; `undefined` where it names none. */
  cpuFlags: ReadonlySet<string> | undefined;
  /** Bytes that this user may still write on the disk of an existing path. */
  freeBytes(path: string): number;
}

/** Systems for which all engines' programs exist. */
const SYSTEMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];
/** ClickHouse's programs for x64 are compiled for processors that have these, those of after 2009. */
const X64_FLAGS = ['ssse3', 'sse4_1', 'sse4_2', 'popcnt'];

/** The facts of this machine. */
export function machineFacts(): MachineFacts {
  const { platform, arch } = process;
  return {
    platform,
    arch,
    glibc: platform === 'linux' ? glibcVersion() : undefined,
    cpuFlags: cpuFlags(),
    freeBytes(path) {
      const { bavail, bsize } = statfsSync(path);
      return bavail * bsize;
    },
  };
}

/**
 * Checks that the embedded engines have programs for this system and processor.
 *
 * @param given which engines are needed embedded; the processor matters to ClickHouse alone.
 * @throws StartError `platform_unsupported`
 */
export function checkMachine(facts: MachineFacts, given: { clickhouse: boolean; postgres: boolean }): void {
  const refuse = (why: string, urls: string) => {
    throw new StartError(
      'platform_unsupported',
      `${why} Start it on another machine, or give the URL of an engine that runs elsewhere: ${urls}.`,
    );
  };
  const system = `${facts.platform}-${facts.arch}`;
  if ((given.clickhouse || given.postgres) && !SYSTEMS.includes(system)) {
    const urls = [given.postgres ? 'DATABASE_URL' : [], given.clickhouse ? 'CLICKHOUSE_URL' : []].flat();
    refuse(`The embedded engines run on ${SYSTEMS.join(', ')}; this is ${system}.`, urls.join(' and '));
  }
  if (!given.clickhouse) return;
  if (facts.platform === 'linux' && facts.glibc === undefined) {
    refuse(
      'The embedded ClickHouse needs the GNU C library, which this Linux does not have.',
      'CLICKHOUSE_URL',
    );
  }
  const missing = facts.arch === 'x64' ? X64_FLAGS.filter((flag) => facts.cpuFlags?.has(flag) === false) : [];
  if (missing.length > 0) {
    refuse(
      `The embedded ClickHouse needs a processor with ${missing.join(', ')}; this one lacks it.`,
      'CLICKHOUSE_URL',
    );
  }
}

function glibcVersion(): string | undefined {
  const report: unknown = process.report.getReport();
  const header: unknown =
    typeof report === 'object' && report !== null ? Reflect.get(report, 'header') : undefined;
  const version: unknown =
    typeof header === 'object' && header !== null ? Reflect.get(header, 'glibcVersionRuntime') : undefined;
  return typeof version === 'string' ? version : undefined;
}

function cpuFlags(): ReadonlySet<string> | undefined {
  try {
    const [, flags] = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    return flags === undefined ? undefined : new Set(flags.split(' '));
  } catch {
    return undefined;
  }
}
