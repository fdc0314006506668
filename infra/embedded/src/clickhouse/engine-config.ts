import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quoteName, quoteString, setStatement } from './sql-literal.ts';
import type { User } from './users.ts';

const MIB = 1024 * 1024;

/** Of a read-only user: one long or endless statement must not fill the disk that results are spooled to. */
const READER_LIMITS = { max_execution_time: 120, max_result_bytes: 1024 * MIB };

/**
 * A reader's statement waits between blocks, this long at most, while one of the pipeline or the API runs (a higher
 * number comes later): beside a rebuild of minutes it gets slower, and goes on.
 */
const READER_PRIORITY = { priority: 2, low_priority_query_wait_time_ms: 50 };

/**
 * The threads of a reader's statement get the processor when nobody else wants it (Linux, and only with CAP_SYS_NICE:
 * without it the engine passes this over). What it pays, and nice 10 beside it, stands in docs/benchmarks.md.
 */
const READER_NICE = { os_threads_nice_value_query: 19 };

/** Of everybody else. 0 would stand beside all priorities. */
const PRIORITY = 1;

/** Six statements of readers may run at once. */
const READER_MOST_THREADS = 2;

/** Instead of half a result. */
const READER_MODES = { timeout_overflow_mode: 'throw', result_overflow_mode: 'throw' };

const READER_PROFILE = 'reader';

/**
 * What a read-only user's session starts with: its role, the constraints of the readers' profile, and then each value
 * once more, because chdb sends all of a session's own settings along with every statement, over those of a profile.
 */
export function readerSettings(user: User): string {
  const values = { max_threads: 1, ...READER_PRIORITY, ...READER_NICE, ...READER_LIMITS, ...READER_MODES };
  return [
    `SET ROLE ${quoteName(roleOf(user))}`,
    `SET profile = ${quoteString(READER_PROFILE)}`,
    setStatement(Object.entries(values).map(([name, value]) => [name, String(value)])),
    'SET readonly = 2; ',
  ].join('; ');
}

/** The role under which a read-only user's statements run. */
function roleOf(user: User): string {
  return `${user.name}_reader`;
}

export interface EngineConfig {
  readonly users: readonly User[];
  readonly memoryBytes: number;
  /** Elements besides those that are written here, XML. */
  readonly config?: string;
}

/**
 * Writes the engine's configuration. Every chdb connection is authenticated as the user `default`, so rights
 * stand in roles: a session starts with all of them and a read-only user's is narrowed to its own. The users
 * exist beside it so that views can name them as definers.
 *
 * @returns the path to hand to the engine as `--config-file`
 */
export function writeEngineConfig(
  directory: string,
  { users, memoryBytes, config = '' }: EngineConfig,
): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const usersPath = join(directory, 'users.xml');
  const configPath = join(directory, 'config.xml');
  writeFileSync(usersPath, usersXml(users, memoryBytes), { mode: 0o600 });
  writeFileSync(configPath, configXml(usersPath, memoryBytes, config), { mode: 0o600 });
  return configPath;
}

/** Caches and pools for a small machine: the defaults are meant for servers with hundreds of gigabytes. */
function configXml(usersPath: string, memoryBytes: number, more: string): string {
  const settings: Record<string, number | string> = {
    users_config: usersPath,
    max_server_memory_usage: memoryBytes,
    mark_cache_size: 64 * MIB,
    uncompressed_cache_size: 0,
    index_mark_cache_size: 16 * MIB,
    primary_index_cache_size: 64 * MIB,
    mmap_cache_size: 0,
    compiled_expression_cache_size: 16 * MIB,
    query_condition_cache_size: 16 * MIB,
    parquet_metadata_cache_size: 4 * MIB,
    iceberg_metadata_files_cache_size: 4 * MIB,
    vector_similarity_index_cache_size: 4 * MIB,
    text_index_tokens_cache_size: 4 * MIB,
    text_index_header_cache_size: 4 * MIB,
    text_index_postings_cache_size: 4 * MIB,
    background_pool_size: 2,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_common_pool_size: 1,
    background_schedule_pool_size: 2,
    background_streaming_schedule_pool_size: 1,
    max_thread_pool_size: 1000,
    max_thread_pool_free_size: 16,
    max_io_thread_pool_size: 16,
    max_active_parts_loading_thread_pool_size: 4,
    max_outdated_parts_loading_thread_pool_size: 2,
    max_parts_cleaning_thread_pool_size: 2,
    async_load_databases: 0,
    async_load_system_database: 0,
  };
  const merges =
    '<merge_tree><number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation><number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge><number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition></merge_tree>';
  return `<clickhouse>\n${elements(settings)}\n${merges}\n${more}</clickhouse>\n`;
}

function usersXml(users: readonly User[], memoryBytes: number): string {
  const profile = elements({
    max_memory_usage: Math.floor(memoryBytes * 0.75),
    async_insert: 0,
    // Stated, so that a read-only session can't take this profile up.
    readonly: 0,
    max_threads: 2,
    priority: PRIORITY,
  });
  const readers = users.filter((user) => user.readonly);
  const roles = [
    `<administrator>${grants(['ALL ON *.*'])}</administrator>`,
    ...readers.map((user) => `<${roleOf(user)}>${grants(user.grants)}</${roleOf(user)}>`),
  ];
  const entries = [
    userXml('default', ['administrator', ...readers.map(roleOf)]),
    ...users.map((user) => userXml(user.name, [user.readonly ? roleOf(user) : 'administrator'])),
  ];
  return [
    '<clickhouse>',
    `<profiles><default>${profile}</default><${READER_PROFILE}>${readerProfile()}</${READER_PROFILE}></profiles>`,
    '<quotas><default></default></quotas>',
    `<roles>${roles.join('\n')}</roles>`,
    `<users>${entries.join('\n')}</users>`,
    '</clickhouse>',
    '',
  ].join('\n');
}

/** Whoever reads may lower a limit, and not lift it: 0 would be none. */
function readerProfile(): string {
  const constraints = [
    ...Object.entries({ ...READER_LIMITS, max_threads: READER_MOST_THREADS }).map(
      ([name, most]) => `<${name}><min>1</min><max>${most}</max></${name}>`,
    ),
    ...Object.entries({ ...READER_PRIORITY, ...READER_NICE }).map(
      ([name, only]) => `<${name}><min>${only}</min><max>${only}</max></${name}>`,
    ),
    ...Object.keys(READER_MODES).map((name) => `<${name}><readonly/></${name}>`),
  ];
  return `<profile>default</profile><constraints>${constraints.join('')}</constraints>`;
}

function userXml(name: string, roles: readonly string[]): string {
  return `<${name}><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>${grants(roles)}</${name}>`;
}

function grants(list: readonly string[]): string {
  return `<grants>${list.map((grant) => `<query>GRANT ${escapeXml(grant)}</query>`).join('')}</grants>`;
}

function elements(values: Record<string, number | string>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`)
    .join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
