// The layers of docs/adr/0001: which folder may import which, and which package lives where.
const layers = {
  domain: [],
  'activity-types': ['domain'],
  'side-tables': ['domain', 'activity-types'],
  ports: ['domain', 'activity-types', 'side-tables'],
  users: ['domain', 'activity-types', 'side-tables', 'ports'],
  sites: ['domain', 'ports', 'users'],
  management: ['domain', 'activity-types', 'side-tables', 'ports', 'users'],
  platform: [],
  identity: ['domain', 'ports', 'platform'],
  db: ['domain', 'activity-types', 'side-tables', 'ports', 'platform'],
  http: ['domain', 'activity-types', 'ports', 'users', 'sites', 'management', 'platform'],
  jobs: ['domain', 'ports', 'users', 'platform'],
  config: ['platform', 'domain'],
  workers: ['config', 'platform'],
};
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
    packageOnlyIn('sequelize', 'db/'),
    packageOnlyIn('mysql2', 'db/'),
    packageOnlyIn('libsql', 'db/'),
    packageOnlyIn('express', 'http/', 'container.ts', 'demo/'),
    packageOnlyIn('express-rate-limit', 'http/limits/'),
    packageOnlyIn('joi', 'config/', 'http/', 'identity/'),
    packageOnlyIn('jose', 'http/', 'demo/', 'identity/oidc/'),
    packageOnlyIn('openid-client', 'identity/oidc/'),
    packageOnlyIn('passport', 'http/login/'),
    packageOnlyIn('passport-oauth2', 'http/login/'),
    packageOnlyIn('node-cache', 'identity/', 'db/', 'platform/', 'http/'),
    packageOnlyIn('undici', 'platform/'),
    packageOnlyIn('ioredis', 'platform/'),
    packageOnlyIn('pino', 'platform/', 'http/'),
    {
      name: 'stories-know-no-package',
      severity: 'error',
      from: { path: '^src/(domain|activity-types|side-tables|ports|users|sites|management)/' },
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
