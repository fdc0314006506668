import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeSettings } from '@switchboard/platform';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { interpolationsOf, parseYaml, readCompose } from './compose.ts';
import { projectRoot, readProjectFile } from './project-root.ts';
import { renderEnv } from './render-env.ts';
import { allSettings, type Program, programs } from './settings.ts';
import { describeImage } from './testing/docker-image.ts';

const text = readProjectFile('docker-compose.yml');
const { services } = readCompose(text);
const ours = Object.entries(services).filter(([, service]) => service.build !== undefined);
const theirs = Object.entries(services).filter(([, service]) => service.build === undefined);

/** What a person runs, and ends. */
const commands = [
  'tenant',
  'restore',
  'offsets',
  'import',
  'verify',
  'rebuild',
  'audit',
  'erase',
  'dead-letters',
  'where',
];

/** Called in a container by a line of the guide: the program, and the service whose settings it gets. */
const lines = readProjectFile('docs/operations.md').replaceAll(/ \\\n */g, ' ');
const called = [...lines.matchAll(/^docker compose run (.*?) ([a-z-]+) (\S+\.ts)/gm)].map(
  ([, options = '', service = '', main = '']) => ({ options, service, main }),
);
/** What an operator reads, whose settings have to reach a container. */
const runbooks = readdirSync(join(projectRoot, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`);
const guides = ['docs/operations.md', 'docs/scaling.md', 'docs/dead-letters.md', ...runbooks];

/** What a service may be told: by its program, or by all that are called in it. */
function shapeOf(service: string): Program['shape'] {
  const mains = called.filter((line) => line.service === service).map(({ main }) => main);
  const own = programs.filter(({ name, main }) =>
    service === 'operate' ? mains.includes(main) : name === service,
  );
  return Object.assign({}, ...own.map(({ shape }) => shape));
}

const scraping = z.object({
  scrape_configs: z.array(
    z.object({
      dns_sd_configs: z.array(z.object({ names: z.array(z.string()) })).default([]),
      static_configs: z.array(z.object({ targets: z.array(z.string()) })).default([]),
    }),
  ),
});

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(readProjectFile('infra/deploy/vendor/compose-spec.json')),
);
const problemsOf = (file: unknown) => (validate(file) ? [] : validate.errors?.map((error) => error.message));

describe('docker-compose.yml', () => {
  it('is what the Compose Specification allows', () => {
    expect(problemsOf(parseYaml(text))).toEqual([]);
    const misspelt = text.replace('healthcheck:', 'healtcheck:');
    expect(problemsOf(parseYaml(misspelt))).not.toEqual([]);
  });

  it('runs all six services, the job that prepares the stores, and backups, each by its entry point', () => {
    const long = programs.filter(({ name }) => !commands.includes(name));
    const running = ours.filter(([name]) => name !== 'operate');
    expect(running.map(([name, { command }]) => [name, command?.[0]]).sort()).toEqual(
      long.map(({ name, main }) => [name, main]).sort(),
    );
  });

  it.each(ours)('%s is told nothing that it does not know, and all that it needs', (name, service) => {
    const shape = shapeOf(name);
    const told = { ...describeImage().environment, ...service.environment };
    const unknown = Object.keys(service.environment).filter((setting) => !(setting in shape));
    expect(unknown).toEqual([]);
    const needed = [...allSettings().values()].filter((one) => one.required && one.name in shape);
    expect(needed.map((one) => one.name).filter((setting) => !(setting in told))).toEqual([]);
  });

  it('asks its environment for nothing that no program knows', () => {
    const unknown = interpolationsOf(text).filter(({ name }) => !allSettings().has(name));
    expect(unknown).toEqual([]);
  });

  // Files stay sealed in a backup: it is told no keys.
  it.each(ours.filter(([name]) => name !== 'backup'))(
    '%s is handed on every setting that the guides for operators name',
    (name, service) => {
      const shape = shapeOf(name);
      const told = { ...describeImage().environment, ...service.environment };
      const said = guides.map(readProjectFile).join('\n');
      const named = new Set([...said.matchAll(/`([A-Z][A-Z_]+)[`=]/g)].map(([, setting]) => setting));
      const left = Object.keys(shape).filter((setting) => named.has(setting) && !(setting in told));
      expect(left.filter((setting) => !ofEngines.test(setting))).toEqual([]);
    },
  );

  it('backs up, when it is called, what its services keep, as the superuser who is shown all of it', () => {
    const { backup, api } = services;
    expect(backup).toMatchObject({ profiles: ['backup'], restart: 'no' });
    expect(backup?.environment.DATABASE_URL).toMatch(/^postgres:\/\/postgres:\$\{POSTGRES_PASSWORD:\?/);
    expect(backup?.volumes).toEqual(api?.volumes);
    expect(backup?.environment.RECORDINGS_URL).toBe(api?.environment.RECORDINGS_URL);
    const { main } = programs.find(({ name }) => name === 'backup') ?? {};
    expect(called).toContainEqual({ options: expect.any(String), service: 'backup', main });
  });

  it.each(commands)(
    '%s is called by a line of the guide, in a service that has all that it needs',
    (name) => {
      const { main, shape = {} } = programs.find((program) => program.name === name) ?? {};
      const line = called.find((one) => one.main === main);
      const given = [...(line?.options ?? '').matchAll(/-e (\w+)/g)].map(([, setting]) => setting);
      const told = { ...describeImage().environment, ...services[line?.service ?? '']?.environment };
      const needed = describeSettings(shape).filter(({ required }) => required);
      expect(line).toBeDefined();
      expect(needed.map((one) => one.name).filter((one) => !(one in told || given.includes(one)))).toEqual(
        [],
      );
    },
  );

  it('calls each command as whom it has to log in', () => {
    for (const { service, main } of called) {
      const { shape = {} } = programs.find((program) => program.main === main) ?? {};
      const wanted = describeSettings(shape).find(({ name }) => name === 'DATABASE_URL')?.meaning;
      const role = /as `(\w+)`/.exec(wanted ?? '')?.[1] ?? '';
      const url = String(services[service]?.environment.DATABASE_URL);
      if (wanted) expect(url, main).toContain(`//${role}:`);
    }
  });

  it('has the metrics of each service read: of each process, and whether any of its name answers', () => {
    const names = ours.flatMap(([name, { profiles }]) => (profiles.length === 0 ? [name] : []));
    const expected = names.filter((name) => name !== 'prepare-stores').sort();
    const { scrape_configs: jobs } = scraping.parse(
      parseYaml(readProjectFile('infra/prometheus/prometheus.yml')),
    );
    const asked = jobs.flatMap((job) => job.dns_sd_configs.flatMap((one) => one.names));
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets));
    expect(asked.sort()).toEqual(expected);
    expect(targets.sort()).toEqual(expected.map((name) => `${name}:8080`));
  });

  it('has no secret written into it', () => {
    const secrets = [...allSettings().values()].filter(({ secret }) => secret).map(({ name }) => name);
    for (const [name, { environment }] of Object.entries(services)) {
      for (const [setting, value] of Object.entries(environment)) {
        if (secrets.includes(setting) || setting.endsWith('PASSWORD')) {
          expect(String(value), `${name}: ${setting}`).toMatch(/\$\{\w+:[?-]/);
        }
      }
    }
  });

  it('pins every image to one version', () => {
    for (const [name, { image }] of theirs) expect(image, name).toMatch(/:v?\d+\.\d+(\.\d+)*(-\w+)?$/);
  });

  it('lets our services write to their volume and to nothing else, and publishes on the loopback alone', () => {
    for (const [name, service] of ours) expect(service, name).toMatchObject({ read_only: true });
    for (const [name, { ports }] of Object.entries(services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('starts services when the stores are prepared, and prepares them when they are healthy', () => {
    for (const [name, service] of ours) {
      if (name === 'prepare-stores') continue;
      expect(service.depends_on, name).toEqual({
        'prepare-stores': { condition: 'service_completed_successfully' },
      });
    }
    const engines = theirs.filter(([, { profiles }]) => profiles.length === 0).map(([name]) => name);
    expect(services['prepare-stores']?.depends_on).toEqual(
      Object.fromEntries(engines.map((name) => [name, { condition: 'service_healthy' }])),
    );
  });

  it.each(theirs)('%s has a health check, by a program that its image has', (_, { image, healthcheck }) => {
    expect(promised.get(image)).toBeDefined();
    expect(healthcheck?.test?.slice(0, 2)).toEqual(['CMD', promised.get(image)]);
  });

  it('mounts files that are there', () => {
    const mounted = Object.values(services).flatMap(({ volumes }) =>
      volumes.map((one) => one.split(':')[0] ?? ''),
    );
    const files = mounted.filter((source) => source.startsWith('.'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(projectRoot, file)), file).toBe(true);
  });
});

/** What stands as this file starts the engines: without TLS, and with nobody else's names in them. */
const ofEngines = /^(KAFKA_SSL|KAFKA_TOPIC_PREFIX$|KAFKA_GROUP_PREFIX$|CLICKHOUSE_CA$)/;

/**
 * Programs that images of others have, by their version: whoever raises one looks again. Kafka's scripts are its distribution
 * (apache/kafka unpacks it to /opt/kafka; what this one runs is in kafka-tools-4.3.1.jar), pg_isready is part of
 * PostgreSQL's client, the entry point of the registry's base image is a script of bash, that of clickhouse-server
 * asks by wget whether the server is up, redis-cli and promtool come with their servers, and Grafana's image is Alpine,
 * whose busybox has wget.
 */
const promised = new Map([
  ['apache/kafka:4.3.1', '/opt/kafka/bin/kafka-broker-api-versions.sh'],
  ['postgres:18.6-bookworm', 'pg_isready'],
  ['apicurio/apicurio-registry:3.0.9', 'bash'],
  ['clickhouse/clickhouse-server:26.3.33.24', 'wget'],
  ['redis:8.2.2-bookworm', 'redis-cli'],
  ['prom/prometheus:v3.5.0', 'promtool'],
  ['grafana/grafana:12.1.1', 'wget'],
]);

describe('.env.example', () => {
  it('gives every variable that docker-compose.yml asks for, known to a program, and no secret', () => {
    const example = readProjectFile('.env.example');
    const given = [...example.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
      name,
      value,
    }));
    expect(given.map(({ name }) => name).sort()).toEqual(
      interpolationsOf(text)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, value } of given) {
      expect(allSettings().get(name), name).toBeDefined();
      if (allSettings().get(name)?.secret) expect(value, name).toBe('');
    }
  });

  it('cannot be made when docker-compose.yml asks for what nobody knows', () => {
    const asked = interpolationsOf(text.replace('SECRETS_KEY:?', 'NOBODY_KNOWS:?'));
    expect(() => renderEnv(asked, allSettings())).toThrow('NOBODY_KNOWS');
  });
});
