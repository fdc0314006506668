import { parse } from 'yaml';
import { z } from 'zod';

const healthcheck = z.object({
  test: z.array(z.string()).optional(),
  disable: z.boolean().optional(),
});

const service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  healthcheck: healthcheck.optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  restart: z.string().optional(),
  profiles: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});

const composeFile = z.object({ services: z.record(z.string(), service) });

export type ComposeFile = z.infer<typeof composeFile>;

/** As the file says it, merge keys resolved; for a schema to judge. */
export function parseYaml(text: string): unknown {
  return parse(text, { merge: true });
}

/** What is read of a compose file here. */
export function readCompose(text: string): ComposeFile {
  return composeFile.parse(parseYaml(text));
}

/** A variable that a compose file takes from its environment. */
export interface Interpolation {
  name: string;
  /** Without it nothing starts. */
  required: boolean;
  /** What stands in its place otherwise. */
  fallback: string;
}

/** The variables that a compose file is filled in with, each once, in the order in which they first appear. */
export function interpolationsOf(text: string): Interpolation[] {
  const found = new Map<string, Interpolation>();
  for (const [, name = '', operator, rest = ''] of text.matchAll(/\$\{(\w+)(:[-?])?([^}]*)\}/g)) {
    if (found.has(name)) continue;
    found.set(name, { name, required: operator === ':?', fallback: operator === ':-' ? rest : '' });
  }
  return [...found.values()];
}
