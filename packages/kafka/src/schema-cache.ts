import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the registry said, kept over restarts: used only while the registry is away. */
export interface SchemaCache {
  readId(subject: string, schema: string): Promise<number | undefined>;
  writeId(subject: string, schema: string, id: number): Promise<void>;
  /** The schema text that an id stands for. */
  readSchema(id: number): Promise<string | undefined>;
  writeSchema(id: number, schema: string): Promise<void>;
}

/** Files under `cacheDir`, one folder per registry: ids of one registry mean nothing in another. */
export function createSchemaCache(cacheDir: string, registryUrl: string): SchemaCache {
  const folder = join(cacheDir, digest(registryUrl));
  const idFile = (subject: string, schema: string) => `${subject}.${digest(schema)}.id`;
  return {
    async readId(subject, schema) {
      const text = await read(join(folder, idFile(subject, schema)));
      const id = Number(text);
      return text !== undefined && Number.isInteger(id) && id > 0 ? id : undefined;
    },
    writeId: (subject, schema, id) => write(folder, idFile(subject, schema), String(id)),
    readSchema: (id) => read(join(folder, `${id}.avsc`)),
    writeSchema: (id, schema) => write(folder, `${id}.avsc`, schema),
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Renamed into place, so that a reader or a crash never meets half a file. */
async function write(folder: string, name: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  await writeFile(temporary, text);
  await rename(temporary, join(folder, name));
}
