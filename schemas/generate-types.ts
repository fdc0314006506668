import { readFileSync, writeFileSync } from 'node:fs';
import { type AvroField, type AvroRecord, type AvroType, loadSchema, topicNames } from './load.ts';

/**
 * Writes `types.ts` from the Avro files, so that they stay the only source of event types.
 * `--check` compares instead and exits 1 when the file is old.
 */
const target = new URL('./types.ts', import.meta.url);

function renderTypes(): string {
  const records = new Map<string, string>();
  for (const name of topicNames) renderRecord(loadSchema(name), records);
  return `// Made by schemas/generate-types.ts from the .avsc files. Do not edit.\n\n${[...records.values()].join('\n')}`;
}

function renderRecord(record: AvroRecord, records: Map<string, string>): void {
  if (records.has(record.name)) return;
  records.set(record.name, '');
  const fields = record.fields.map((field) => renderField(field, records)).join('');
  const doc = record.doc ? `/** ${record.doc} */\n` : '';
  records.set(record.name, `${doc}export interface ${record.name} {\n${fields}}\n`);
}

function renderField(field: AvroField, records: Map<string, string>): string {
  const phi = field.phi ? ' PHI.' : '';
  const doc = field.doc ? `  /** ${field.doc}${phi} */\n` : '';
  return `${doc}  ${field.name}: ${renderType(field.type, records)};\n`;
}

function renderType(type: AvroType, records: Map<string, string>): string {
  if (Array.isArray(type)) {
    const members = type.map((member) => renderType(member, records));
    return members
      .filter((member) => member !== 'null')
      .concat(members.includes('null') ? ['null'] : [])
      .join(' | ');
  }
  if (typeof type === 'string') return primitives[type] ?? type;
  if (type.type === 'array') return `${renderType(type.items, records)}[]`;
  if (type.type === 'record') {
    renderRecord(type, records);
    return type.name;
  }
  return renderType(type.type, records);
}

const primitives: Record<string, string> = {
  null: 'null',
  string: 'string',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  double: 'number',
  bytes: 'Buffer',
};

const types = renderTypes();
if (!process.argv.includes('--check')) {
  writeFileSync(target, types);
} else if (readFileSync(target, 'utf8') !== types) {
  process.stderr.write(
    'schemas/types.ts is older than the .avsc files: run node schemas/generate-types.ts\n',
  );
  process.exitCode = 1;
}
