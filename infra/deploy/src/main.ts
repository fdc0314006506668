/**
 * Makes what is written down of settings from the settings themselves: `docs/configuration.md`, `.env.example` and `infra/k8s`.
 *
 *     npm run generate:docs           writes them
 *     npm run check:docs              exit code 1 when one of them is out of date
 *     npm run generate:env > .env     prints .env.example with fresh passwords and keys
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { interpolationsOf } from './compose.ts';
import { settingsDocuments } from './documents.ts';
import { projectRoot, readProjectFile } from './project-root.ts';
import { freshValue, renderEnv } from './render-env.ts';
import { allSettings } from './settings.ts';

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, env: { type: 'boolean', default: false } },
});

if (values.env) {
  const asked = interpolationsOf(readProjectFile('docker-compose.yml'));
  process.stdout.write(renderEnv(asked, allSettings(), freshValue));
} else {
  for (const [name, text] of Object.entries(settingsDocuments())) {
    const file = join(projectRoot, name);
    if (!values.check) writeFileSync(file, text);
    else if (readOrEmpty(file) !== text) {
      console.error(`${name} is out of date: npm run generate:docs`);
      process.exitCode = 1;
    }
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
