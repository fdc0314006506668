import { expect, it } from 'vitest';
import { settingsDocuments } from './documents.ts';
import { readProjectFile } from './project-root.ts';

it.each(Object.entries(settingsDocuments()))(
  '%s says what the settings are: npm run generate:docs',
  (name, text) => {
    expect(readProjectFile(name)).toBe(text);
  },
);
