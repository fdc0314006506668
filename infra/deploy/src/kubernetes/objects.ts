import { type Program, programNamed } from '../settings.ts';
import { type PodOptions, pod } from './pod.ts';
import { backupKeys, fromSecret, prepareKeys, secretEnv } from './secrets.ts';
import type { RunningService } from './services.ts';

/** A service ends within 30 s of SIGTERM. */
const terminationGracePeriodSeconds = 40;
/** What a person runs in `operate`. */
const byHand = [
  'where',
  'verify',
  'rebuild',
  'dead-letters',
  'offsets',
  'erase',
  'audit',
  'import',
  'tenant',
];

/** Deployment, Service and PodDisruptionBudget of a service. */
export function serviceObjects(program: Program, running: RunningService): unknown[] {
  const metadata = metadataOf(program.name, 'service');
  const { labels } = metadata;
  const ask = (path: string) => ({ httpGet: { path, port: 'http' }, timeoutSeconds: 3 });
  const template = pod({
    name: program.name,
    args: [program.main],
    env: [
      ...Object.entries(running.env ?? {}).map(([name, value]) => ({ name, value })),
      ...secretEnv([program], running.keys),
    ],
    mounts: 'SCHEMA_CACHE_DIR' in program.shape ? { cache: '/var/cache/switchboard' } : {},
    container: {
      ports: [{ name: 'http', containerPort: 8080 }],
      startupProbe: { ...ask(running.started ?? '/healthz'), periodSeconds: 2, failureThreshold: 300 },
      readinessProbe: { ...ask(running.ready), periodSeconds: 2, failureThreshold: 2 },
      livenessProbe: { ...ask('/healthz'), timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 3 },
    },
  });
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: labels },
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        // A new pod is ready before an old one ends.
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { ...template, terminationGracePeriodSeconds, topologySpreadConstraints: [spread] },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        selector: labels,
        ports: [{ name: 'http', port: 8080, targetPort: 'http' }],
        // Who asks it asks what it waits for.
        ...(running.isServer ? {} : { publishNotReadyAddresses: true }),
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      // A node is drained also while an engine is away for all of them.
      spec: {
        maxUnavailable: 1,
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
        selector: { matchLabels: labels },
      },
    },
  ];
}

/** The job that makes the stores ready: started by hand, never by the clock. */
export function prepareObjects(): unknown[] {
  const program = programNamed('prepare-stores');
  return [
    cronJob('prepare', { name: program.name, args: [program.main], env: secretEnv([program], prepareKeys) }),
  ];
}

/** Nightly backups into a volume, suspended until it is known where that lies. */
export function backupObjects(): unknown[] {
  const program = programNamed('backup');
  const command = ['sh', '-c', `exec tini -- node ${program.main} "/backups/$(date -u +%Y-%m-%dT%H-%MZ)"`];
  return [
    cronJob('backup', {
      name: program.name,
      command,
      env: secretEnv([program], backupKeys),
      mounts: { backups: '/backups' },
    }),
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { ...metadataOf('backup', 'backup'), name: 'backups' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100Gi' } } },
    },
  ];
}

/** A pod that waits for `kubectl exec`, with the settings of all commands; none until it is scaled to one. */
export function operateObjects(): unknown[] {
  const metadata = metadataOf('operate', 'operate');
  const { labels } = metadata;
  const template = pod({
    name: 'operate',
    command: ['tini', '--', 'sleep', 'infinity'],
    env: [
      ...secretEnv(byHand.map(programNamed), { DATABASE_URL: 'SINK_DATABASE_URL' }),
      // Who makes a clinic, and who imports, logs in as another.
      ...['MIGRATE_DATABASE_URL', 'INGEST_DATABASE_URL'].map((key) => fromSecret(key)),
    ],
    mounts: { cache: '/var/cache/switchboard', work: '/app/.switchboard' },
  });
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 0,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { ...template, terminationGracePeriodSeconds: 0 } },
      },
    },
  ];
}

function cronJob(component: string, options: PodOptions) {
  const metadata = metadataOf(options.name, component);
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: {
      schedule: '30 1 * * *',
      suspend: true,
      concurrencyPolicy: 'Forbid',
      jobTemplate: {
        spec: {
          backoffLimit: 0,
          ttlSecondsAfterFinished: 604_800,
          template: {
            metadata: { labels: metadata.labels },
            spec: { ...pod(options), restartPolicy: 'Never' },
          },
        },
      },
    },
  };
}

function metadataOf(name: string, component: string) {
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'switchboard',
    'app.kubernetes.io/component': component,
  };
  return { name, labels };
}
