import { loadSchema } from '@switchboard/schemas';
import { createRegistryClient } from './registry.ts';
import { subjectOf, topics } from './topics.ts';

export interface RegisterSchemasOptions {
  registryUrl: string;
  /** Of topic names; `switchboard.` by default. */
  prefix?: string;
}

/**
 * Registers each topic's schema under `<full topic name>-value`, BACKWARD_TRANSITIVE. Repeating it changes nothing.
 * @throws SwitchboardError `schema_incompatible`; `registry_unavailable` (retryable)
 */
export async function registerSchemas(options: RegisterSchemasOptions): Promise<void> {
  const registry = createRegistryClient(options.registryUrl);
  for (const { name } of topics) {
    await registry.register(
      subjectOf(options.prefix ?? 'switchboard.', name),
      JSON.stringify(loadSchema(name)),
    );
  }
}
