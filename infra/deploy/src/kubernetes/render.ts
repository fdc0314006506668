import { stringify } from 'yaml';
import { programNamed } from '../settings.ts';
import { backupObjects, operateObjects, prepareObjects, serviceObjects } from './objects.ts';
import { secretsExample } from './secrets.ts';
import { services } from './services.ts';

const made = `# Made by \`npm run generate:docs\` from the settings of the programs. What differs for you goes into a folder of your own, as
# infra/k8s/example is one.
`;

/** The files of infra/k8s that follow from the programs' settings, by name. */
export function renderKubernetes(): Record<string, string> {
  const ofServices = Object.entries(services).map(([name, running]) => [
    `infra/k8s/base/${name}.yaml`,
    render(running.why, serviceObjects(programNamed(name), running)),
  ]);
  return {
    ...Object.fromEntries(ofServices),
    'infra/k8s/base/prepare-stores.yaml': render(
      'At the installation and at each upgrade, before the services: kubectl create job NAME --from=cronjob/prepare-stores',
      prepareObjects(),
    ),
    'infra/k8s/base/backup.yaml': render(
      'All of one moment, into a folder of its own each night once `suspend` is false.',
      backupObjects(),
    ),
    'infra/k8s/base/operate.yaml': render(
      'For the person on call: kubectl scale deployment operate --replicas=1, and kubectl exec.',
      operateObjects(),
    ),
    'infra/k8s/secrets.env.example': secretsExample(),
  };
}

function render(why: string, objects: readonly unknown[]): string {
  const texts = objects.map((one) => stringify(one, { aliasDuplicateObjects: false, lineWidth: 0 }));
  return `${made}#\n# ${why}\n${texts.join('---\n')}`;
}
