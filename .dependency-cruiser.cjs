// The layers of docs/adr/0001: which folder may import which, and which package lives where.
const layers = {
  domain: [],
  'activity-types': ['domain'],
  'side-tables': ['domain', 'activity-types'],
  ports: ['domain', 'activity-types', 'side-tables'],
  'use-cases': ['domain', 'activity-types', 'side-tables', 'ports'],
  platform: [],
  identity: ['domain', 'ports', 'platform'],
  db: ['domain', 'activity-types', 'side-tables', 'ports', 'platform'],
  http: ['domain', 'activity-types', 'ports', 'use-cases', 'platform'],
  jobs: ['domain', 'ports', 'use-cases', 'platform'],
  config: ['platform', 'domain'],
  cluster: ['config', 'platform'],
  // It runs in browsers: nothing of the program is there.
  client: [],
  // So does this; it speaks to the program through the client.
  console: ['client'],
};
// The rooms of use-cases: which may use which. What lies in use-cases/ itself is shared by several.
const rooms = {
  audit: [],
  outbox: ['audit'],
  anonymization: ['audit', 'outbox'],
  'person-sync': ['audit', 'outbox', 'anonymization'],
  users: ['outbox', 'person-sync'],
  sessions: ['outbox', 'person-sync', 'users'],
  'anonymization-runs': ['audit', 'anonymization'],
  clients: [],
  people: ['audit', 'outbox', 'anonymization', 'clients'],
  sites: [],
};
const roomOnlyUses = ([from, to]) => ({
  name: `${from}-room`,
  severity: 'error',
  from: { path: `^src/use-cases/${from}/` },
  to: { path: '^src/use-cases/[^/]+/', pathNot: [from, ...to].map((name) => `^src/use-cases/${name}/`) },
});
const onlyUses = ([from, to]) => ({
  name: `${from}-layer`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^(src|migrations|seeds)/', pathNot: [from, ...to].map((name) => `^src/${name}/`) },
});
const packageOnlyIn = (name, ...places) => ({
  name: `${name}-stays-home`,
  severity: 'error',
  from: { path: '^src/', pathNot: places.map((place) => `^src/${place}`) },
  to: { path: `node_modules/${name}/` },
});
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(layers).map(onlyUses),
    ...Object.entries(rooms).map(roomOnlyUses),
    packageOnlyIn('sequelize', 'db/'),
    packageOnlyIn('mysql2', 'db/'),
    packageOnlyIn('libsql', 'db/'),
    packageOnlyIn('express', 'http/', 'container.ts', 'demo/'),
    packageOnlyIn('express-rate-limit', 'http/rate-limits/'),
    packageOnlyIn('joi', 'config/', 'http/', 'identity/'),
    packageOnlyIn('jose', 'http/', 'demo/', 'identity/oidc/'),
    packageOnlyIn('openid-client', 'identity/oidc/'),
    packageOnlyIn('passport', 'http/login/'),
    packageOnlyIn('passport-oauth2', 'http/login/'),
    packageOnlyIn('node-cache', 'identity/', 'db/', 'platform/', 'http/'),
    packageOnlyIn('undici', 'platform/'),
    packageOnlyIn('ioredis', 'platform/'),
    packageOnlyIn('pino', 'platform/', 'http/'),
    packageOnlyIn('@opentelemetry/api', 'platform/'),
    {
      name: 'use-cases-know-no-package',
      severity: 'error',
      from: { path: '^src/(domain|activity-types|side-tables|ports|use-cases)/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'] },
    },
    {
      name: 'the-demo-is-only-loaded-by-main',
      comment: 'the development OAuth server must never be loaded in production',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(demo/|main\\.ts)' },
      to: { path: '^src/demo/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
