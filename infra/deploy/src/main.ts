/**
 * Makes what is written down of settings from the settings themselves: `docs/configuration.md` and `.env.example`.
 *
 *     npm run generate:docs           writes both
 *     npm run check:docs              exit code 1 when one of them is out of date
 *     npm run generate:env > .env     prints .env.example with fresh passwords and keys
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interpolationsOf } from './compose.ts';
import { renderConfiguration } from './render-configuration.ts';
import { freshValue, renderEnv } from './render-env.ts';
import { allSettings, launcher, programs } from './settings.ts';

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, env: { type: 'boolean', default: false } },
});
const fileOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const asked = interpolationsOf(readFileSync(fileOf('docker-compose.yml'), 'utf8'));

if (values.env) process.stdout.write(renderEnv(asked, allSettings(), freshValue));
else {
  const texts = {
    'docs/configuration.md': renderConfiguration([...programs, launcher]),
    '.env.example': renderEnv(asked, allSettings()),
  };
  for (const [name, text] of Object.entries(texts)) {
    if (!values.check) writeFileSync(fileOf(name), text);
    else if (readOrEmpty(fileOf(name)) !== text) {
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
