import { describeSettings, type SettingDescription } from '@switchboard/platform';
import type { Program } from './settings.ts';

const INTRODUCTION = `# Configuration

<!-- Made from the code by \`npm run generate:docs\`. \`npm test\` fails when it is out of date. -->

Everything is set by environment variables, read once when a program starts; an empty one counts as unset. A wrong value
stops the start with exit code 78, the setting's name and what would be right; the value itself is never repeated.
\`--print-config\` prints what a service would use, secrets masked, and starts nothing.

**Needed** settings have no default. **Secret** ones are masked wherever settings are printed.
`;

/** The text of `docs/configuration.md`: every setting of every program, with default, bounds and meaning. */
export function renderConfiguration(programs: readonly Program[]): string {
  const contents = programs.map(
    ({ name, purpose }) => `- [${name}](#${name.replaceAll(' ', '-')}): ${lowerFirst(purpose)}`,
  );
  return [INTRODUCTION, `${contents.join('\n')}\n`, ...programs.map(renderProgram)].join('\n');
}

function renderProgram({ name, main, purpose, shape }: Program): string {
  const rows = describeSettings(shape)
    .toSorted((a, b) => Number(b.required) - Number(a.required))
    .map(renderRow);
  return `## ${name}

${purpose} Entry point: \`${main}\`.

| setting | default | form | meaning |
|---|---|---|---|
${rows.join('\n')}
`;
}

function renderRow({ name, meaning, form, fallback, required, secret }: SettingDescription): string {
  const standard = required ? '**needed**' : fallback === undefined ? '' : `\`${fallback}\``;
  const cells = [`\`${name}\``, standard, form, `${meaning}${secret ? ' **Secret.**' : ''}`];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
