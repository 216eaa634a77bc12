/**
 * Files made and looked at with a real ffmpeg: `npm run test:ffmpeg`. Not part of `npm test`, because they need ffmpeg
 * beside npm; they fail where there is none, so that nobody takes a machine without it for a proof.
 */
import base from '../../jest.config.mjs';

const [gateway] = base.projects;

/** @type {import('jest').Config} */
export default {
  ...gateway,
  rootDir: '../..',
  displayName: 'ffmpeg',
  roots: ['<rootDir>/test/ffmpeg'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
  maxWorkers: 1,
};
