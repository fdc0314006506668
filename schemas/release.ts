import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { compile, releasedSchemas, unreadableVersions } from './compatibility.ts';
import { loadSchema, type TopicName, topicNames } from './load.ts';

/**
 * Keeps today's schemas as released versions, each with the bytes of its example. Run before a release:
 * `node schemas/release.ts`. A schema that has not changed since its last release is left alone.
 */
function release(topic: TopicName): string {
  const folder = new URL(`./released/${topic}/`, import.meta.url);
  mkdirSync(folder, { recursive: true });
  const schema = loadSchema(topic);
  const older = releasedSchemas(topic);
  if (JSON.stringify(older.at(-1)?.schema) === JSON.stringify(schema)) return `${topic}: unchanged`;
  const unreadable = unreadableVersions(schema, older);
  if (unreadable.length > 0) throw new Error(`${topic} cannot read what versions ${unreadable} wrote`);
  const version = older.length + 1;
  const example = compile(schema).toBuffer(readExample(topic)).toString('base64');
  writeFileSync(
    new URL(`${version}.json`, folder),
    `${JSON.stringify({ version, schema, example }, null, 2)}\n`,
  );
  return `${topic}: version ${version}`;
}

/** The example of a topic; bytes stand in it as base64 under `$base64`. */
export function readExample(topic: TopicName): unknown {
  const text = readFileSync(new URL(`./examples/${topic}.json`, import.meta.url), 'utf8');
  return JSON.parse(text, (_, value) =>
    typeof value === 'object' && value !== null && typeof value.$base64 === 'string'
      ? Buffer.from(value.$base64, 'base64')
      : value,
  );
}

if (import.meta.main) for (const topic of topicNames) console.log(release(topic));
