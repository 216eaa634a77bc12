/**
 * Who may import whom; ARCHITECTURE.md has the reasons. `npm run imports` checks it.
 */
const gateway = '^gateway/src/';
const layer = (names) => `${gateway}(${names.join('|')})/`;
const composers = `${gateway}(gateway|cli|main|docs)\\.ts$`;
const features = ['outbox', 'webhooks', 'whatsapp', 'media'];

/** One rule per folder: what it must not reach into. */
const below = (name, forbidden) => ({
  name: `${name}-stays-in-its-layer`,
  comment: `${name}/ must not import ${forbidden.join(', ')}`,
  severity: 'error',
  from: { path: layer([name]) },
  to: { path: [...forbidden.map((other) => `${gateway}${other}/`), composers] },
});

const noFeatures = ['http', ...features, 'simulator', 'demo'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'domain-is-pure',
      comment: 'domain/ imports nothing outside itself',
      severity: 'error',
      from: { path: `${gateway}domain/` },
      to: { pathNot: `${gateway}domain/` },
    },
    {
      name: 'lib-knows-domain-only',
      severity: 'error',
      from: { path: `${gateway}lib/` },
      to: { path: gateway, pathNot: `${gateway}(lib|domain)/` },
    },
    below('net', [
      'http',
      'outbox',
      'webhooks',
      'whatsapp',
      'media',
      'store',
      'cluster',
      'simulator',
      'demo',
    ]),
    below('store', [...noFeatures, 'cluster', 'net']),
    below('cluster', [...noFeatures, 'net']),
    ...features.map((name) =>
      below(name, ['http', ...features.filter((other) => other !== name), 'simulator', 'demo']),
    ),
    below('http', ['simulator', 'demo']),
    {
      name: 'simulator-stands-alone',
      comment: 'a WhatsApp of its own must not know the gateway that is tested against it',
      severity: 'error',
      from: { path: `${gateway}simulator/` },
      to: { path: gateway, pathNot: `${gateway}(simulator|lib|domain)/` },
    },
    {
      name: 'demo-uses-http-only',
      severity: 'error',
      from: { path: `${gateway}demo/` },
      to: { path: gateway, pathNot: `${gateway}(demo|simulator/client|simulator/control)` },
    },
    {
      name: 'only-composers-compose',
      comment: 'gateway.ts, cli.ts and main.ts are imported by one another only',
      severity: 'error',
      from: { path: gateway, pathNot: composers },
      to: { path: composers },
    },
    {
      name: 'baileys-behind-one-folder',
      severity: 'error',
      from: { pathNot: `${gateway}(whatsapp|simulator)/` },
      to: { path: 'node_modules/(@whiskeysockets/baileys|libsignal)' },
    },
    {
      name: 'express-behind-http',
      severity: 'error',
      from: { pathNot: `${gateway}(http|simulator/control)/` },
      to: { path: 'node_modules/express/' },
    },
    {
      name: 'sql-drivers-behind-the-store',
      severity: 'error',
      from: { pathNot: `${gateway}store/database/` },
      to: { path: 'node_modules/(libsql|pg)/' },
    },
    {
      name: 'nodes-know-no-gateway',
      severity: 'error',
      from: { path: '^(nodes|credentials|index)' },
      to: { path: '^gateway' },
    },
    {
      name: 'gateway-knows-no-nodes',
      severity: 'error',
      from: { path: '^gateway' },
      to: { path: '^(nodes|credentials)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
    extraExtensionsToScan: [],
  },
};
