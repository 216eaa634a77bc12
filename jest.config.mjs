/**
 * Two projects: the gateway's tests are ES modules like the gateway, the nodes' tests CommonJS like n8n.
 */
const swc = (moduleType) => [
  '@swc/jest',
  {
    jsc: { parser: { syntax: 'typescript', decorators: true }, target: 'es2022' },
    module: { type: moduleType },
  },
];

/** @type {import('jest').Config} */
export default {
  testTimeout: 120_000,
  maxWorkers: 2,
  projects: [
    {
      displayName: 'gateway',
      roots: ['<rootDir>/test'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/nodes/',
        '<rootDir>/test/e2e/',
        '<rootDir>/test/browser/',
        '<rootDir>/test/ffmpeg/',
      ],
      testMatch: ['**/*.test.ts'],
      testEnvironment: 'node',
      extensionsToTreatAsEsm: ['.ts'],
      // libsignal prints private keys on the console; what a test wants to say, it says through its assertions.
      setupFiles: ['<rootDir>/test/support/quietConsole.mjs'],
      moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
      transform: { '^.+\\.ts$': swc('es6') },
      modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/gateway/dist/', '<rootDir>/.cache/'],
    },
    {
      displayName: 'nodes',
      roots: ['<rootDir>/test/nodes'],
      testMatch: ['**/*.test.ts'],
      testEnvironment: 'node',
      transform: { '^.+\\.ts$': swc('commonjs') },
      modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/gateway/dist/', '<rootDir>/.cache/'],
    },
  ],
};
