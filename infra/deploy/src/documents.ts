import { interpolationsOf } from './compose.ts';
import { renderKubernetes } from './kubernetes/render.ts';
import { readProjectFile } from './project-root.ts';
import { renderConfiguration } from './render-configuration.ts';
import { renderEnv } from './render-env.ts';
import { allSettings, launcher, programs } from './settings.ts';

/** What is written down of settings, made from the settings themselves: texts by the names of their files. */
export function settingsDocuments(): Readonly<Record<string, string>> {
  const asked = interpolationsOf(readProjectFile('docker-compose.yml'));
  return {
    'docs/configuration.md': renderConfiguration([...programs, launcher]),
    '.env.example': renderEnv(asked, allSettings()),
    ...renderKubernetes(),
  };
}
