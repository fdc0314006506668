import { randomBytes } from 'node:crypto';
import type { SettingDescription } from '@switchboard/platform';
import type { Interpolation } from './compose.ts';
import { isKey } from './settings.ts';

const WIDTH = 110;

/**
 * The text of `.env.example`: what docker-compose.yml is filled in with, and what each of it means.
 * @param fill what a setting gets; an empty value stays to be filled in
 * @throws Error naming a variable that no program knows
 */
export function renderEnv(
  interpolations: readonly Interpolation[],
  settings: ReadonlyMap<string, SettingDescription>,
  fill: (one: Interpolation) => string = ({ fallback }) => fallback,
): string {
  const known = (one: Interpolation): SettingDescription => {
    const setting = settings.get(one.name);
    if (!setting) throw new Error(`${one.name}: docker-compose.yml asks for it, and no program knows it`);
    return setting;
  };
  const block = (one: Interpolation) => {
    const { meaning, form, secret } = known(one);
    const how = form.startsWith('text') ? '' : ` Form: ${form}.`;
    const keep = secret ? ' Secret.' : '';
    return `${comment(`${meaning}${how}${keep}`)}\n${one.name}=${fill(one)}\n`;
  };
  const required = interpolations.filter((one) => one.required);
  const optional = interpolations.filter((one) => !one.required);
  return [
    heading(
      'What docker-compose.yml is filled in with. Made by `npm run generate:docs` from the settings of the programs; `npm run generate:env > .env` prints it with fresh passwords and keys. What else there is to set: docs/configuration.md.',
    ),
    heading(
      'Needed. A password stands inside a URL too, so it is made of letters and digits: openssl rand -hex 24',
    ),
    ...required.map(block),
    heading('May stay as it is; empty is as good as unset.'),
    ...optional.map(block),
  ].join('\n');
}

/** A value for what is needed: keys and passwords made now. */
export function freshValue(one: Interpolation): string {
  if (!one.required) return one.fallback;
  return isKey(one.name) ? randomBytes(32).toString('base64') : randomBytes(24).toString('hex');
}

function heading(text: string): string {
  return `${comment(text)}\n`;
}

function comment(text: string): string {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
