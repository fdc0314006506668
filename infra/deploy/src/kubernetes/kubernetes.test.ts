import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '@switchboard/platform';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { projectRoot, readProjectFile } from '../project-root.ts';
import { allSettings, programNamed, programs } from '../settings.ts';
import { describeImage } from '../testing/docker-image.ts';
import { type KubernetesObject, objectsIn, problemsOf } from '../testing/kubernetes-objects.ts';
import { secretKeys } from './secrets.ts';
import { services } from './services.ts';

const folders = ['infra/k8s/base', 'infra/k8s/example'];
const files = folders.flatMap((folder) =>
  readdirSync(join(projectRoot, folder))
    .filter((name) => name !== 'kustomization.yaml')
    .map((name) => `${folder}/${name}`),
);
const ofBase = files.filter((file) => file.startsWith('infra/k8s/base/')).flatMap(objectsIn);
const settings = ofBase.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
const image = describeImage().environment;

const kustomization = z.object({
  resources: z.array(z.string()),
  patches: z.array(z.object({ path: z.string() })).default([]),
});

/** What is laid over an object of the base. */
const patches = kustomization
  .parse(objectsIn('infra/k8s/example/kustomization.yaml')[0])
  .patches.map(({ path }) => `infra/k8s/example/${path}`);

function patched(patch: KubernetesObject): KubernetesObject {
  const { kind, metadata, spec, data } = patch;
  const under = ofBase.find((one) => one.kind === kind && one.metadata.name === metadata.name);
  if (!under) throw new Error(`the base has no ${kind} ${metadata.name}`);
  return {
    ...under,
    ...(spec && { spec: { ...under.spec, ...spec } }),
    ...(data && { data: { ...under.data, ...data } }),
  };
}

const container = z.object({
  image: z.string(),
  args: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z
        .object({ secretKeyRef: z.object({ key: z.string(), optional: z.boolean().default(false) }) })
        .optional(),
    }),
  ),
  readinessProbe: z.object({ httpGet: z.object({ path: z.string() }) }).optional(),
  startupProbe: z.object({ httpGet: z.object({ path: z.string() }) }).optional(),
});
const podSpec = z.object({ containers: z.tuple([container]) });

function containerOf({ spec }: KubernetesObject) {
  const template = z.object({ template: z.object({ spec: podSpec }) });
  const found = template.safeParse(spec);
  if (found.success) return found.data.template.spec.containers[0];
  return z.object({ jobTemplate: z.object({ spec: template }) }).parse(spec).jobTemplate.spec.template.spec
    .containers[0];
}

const pods = ofBase
  .filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob')
  .map((one) => ({ name: one.metadata.name, ...containerOf(one) }));
const ofPrograms = pods.filter(({ name }) => name !== 'operate').map((pod) => [pod.name, pod] as const);

describe('infra/k8s', () => {
  it.each(files)('%s is what Kubernetes allows', (file) => {
    const objects = objectsIn(file).map((one) => (patches.includes(file) ? patched(one) : one));
    expect(objects.length).toBeGreaterThan(0);
    expect(objects.flatMap(problemsOf)).toEqual([]);
  });

  it('would be refused with a name that is misspelt, or a value of another type', () => {
    const [deployment] = objectsIn('infra/k8s/base/api.yaml');
    if (!deployment) throw new Error('the API has no objects');
    expect(problemsOf({ ...deployment, spec: { ...deployment.spec, replica: 2 } })).not.toEqual([]);
    expect(problemsOf({ ...deployment, spec: { ...deployment.spec, replicas: '2' } })).not.toEqual([]);
    expect(problemsOf({ ...deployment, apiVersion: 'apps/v9' })).not.toEqual([]);
  });

  it.each(folders)('%s names all of its files, and they are there', (folder) => {
    const { resources, patches } = kustomization.parse(objectsIn(`${folder}/kustomization.yaml`)[0]);
    const named = [...resources.filter((name) => name !== '../base'), ...patches.map(({ path }) => path)];
    const there = files
      .filter((file) => file.startsWith(`${folder}/`))
      .map((file) => file.slice(folder.length + 1));
    expect(named.toSorted()).toEqual(there.toSorted());
  });

  it('runs all six services, the job that prepares the stores, and backups', () => {
    const lasting = programs.filter(
      ({ purpose, name }) => !purpose.includes('then ends') || name === 'prepare-stores' || name === 'backup',
    );
    expect(ofPrograms.map(([name]) => name).toSorted()).toEqual(lasting.map(({ name }) => name).toSorted());
    for (const [name, { args, command }] of ofPrograms) {
      expect([...(args ?? []), ...(command ?? [])].join(' '), name).toContain(programNamed(name).main);
    }
  });

  it.each(ofPrograms)('%s is told all that it needs, and each secret by the Secret alone', (name, pod) => {
    const { shape } = programNamed(name);
    const told = new Set([...Object.keys({ ...image, ...settings }), ...pod.env.map((one) => one.name)]);
    const known = [...allSettings().values()].filter((one) => one.name in shape);
    expect(known.filter((one) => one.required && !told.has(one.name)).map((one) => one.name)).toEqual([]);
    for (const { name: setting, value } of pod.env) {
      expect(setting in shape, setting).toBe(true);
      if (allSettings().get(setting)?.secret) expect(value, setting).toBeUndefined();
    }
    const unread = known.filter((one) => one.secret && !told.has(one.name)).map((one) => one.name);
    expect(unread.filter((setting) => !/^POSTGRES_\w+_PASSWORD$/.test(setting))).toEqual([]);
  });

  it('lets who operates run each command with all secrets of it, as whom it has to log in', () => {
    const operate = pods.find(({ name }) => name === 'operate');
    const told = new Set(operate?.env.map(({ name }) => name));
    const guide = readProjectFile('docs/kubernetes.md');
    const called = [
      ...guide.matchAll(/deploy\/operate -- (?:sh -c \\\n\s*'DATABASE_URL=\$(\w+) )?node (\S+)/g),
    ];
    expect(called.length).toBeGreaterThan(4);
    for (const [, login = 'DATABASE_URL', main] of called) {
      const { shape = {} } = programs.find((one) => one.main === main) ?? {};
      const secrets = describeSettings(shape).filter(({ secret }) => secret);
      for (const { name } of secrets) expect(told, `${main}: ${name}`).toContain(name);
      const meaning = secrets.find(({ name }) => name === 'DATABASE_URL')?.meaning ?? '';
      const role = /as `switchboard_(\w+)`/.exec(meaning)?.[1]?.toUpperCase();
      const key = operate?.env.find(({ name }) => name === login)?.valueFrom?.secretKeyRef.key;
      expect(key, main).toBe(`${role}_DATABASE_URL`);
    }
  });

  it('says in no manifest what the guide has set in the cluster', () => {
    const guide = readProjectFile('docs/kubernetes.md');
    expect(guide).not.toMatch(/kubectl (-n switchboard )?(edit|set|patch (?!--local))/);
  });

  it('has settings that a program knows, and no secret among them', () => {
    for (const file of ['infra/k8s/base/settings.yaml', 'infra/k8s/example/settings.yaml']) {
      for (const setting of Object.keys(objectsIn(file)[0]?.data ?? {})) {
        expect(allSettings().get(setting)?.secret, setting).toBe(false);
      }
    }
  });

  it('takes from the Secret what the example of it lists', () => {
    const example = readProjectFile('infra/k8s/secrets.env.example');
    const listed = [...example.matchAll(/^(\w+)=$/gm)].map(([, key]) => key);
    const taken = new Map(
      pods
        .flatMap(({ env }) => env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []))
        .map((ref) => [ref.key, ref]),
    );
    expect([...taken.keys()].toSorted()).toEqual(listed.toSorted());
    for (const [key, { optional }] of taken) expect(optional, key).toBe(!secretKeys.get(key)?.required);
  });

  it('runs one image, at the version of docker-compose.yml', () => {
    const version = /image: (switchboard:\S+)/.exec(readProjectFile('docker-compose.yml'))?.[1];
    expect(new Set(pods.map((pod) => pod.image))).toEqual(new Set([version]));
  });

  it('has each service asked for at the path and port where it answers, and rolled out by that', () => {
    for (const [name, service] of Object.entries(services)) {
      const pod = pods.find((one) => one.name === name);
      expect(pod?.readinessProbe?.httpGet.path).toBe(service.ready);
      expect(pod?.startupProbe?.httpGet.path).toMatch(/^\/(healthz$|readyz)/);
    }
    const addresses = [settings.API_SERVICES, settings.JOBS_CANARY_URL].join(',');
    for (const [, host, port] of addresses.matchAll(/http:\/\/([\w-]+):(\d+)/g)) {
      const service = ofBase.find(({ kind, metadata }) => kind === 'Service' && metadata.name === host);
      expect(service?.spec, host).toMatchObject({ ports: [{ port: Number(port) }] });
    }
  });
});
