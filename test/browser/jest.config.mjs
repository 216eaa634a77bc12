/**
 * Tests in a real browser: `npm run test:browser`. Not part of `npm test`, because they need Chromium beside npm.
 */
import base from '../../jest.config.mjs';

const [gateway] = base.projects;

/** @type {import('jest').Config} */
export default {
  ...gateway,
  rootDir: '../..',
  displayName: 'browser',
  roots: ['<rootDir>/test/browser'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
