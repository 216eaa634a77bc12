import { openerFor } from '../../../gateway/src/demo/openPage.js';

const AT_A_DESK = { env: { DISPLAY: ':0' }, platform: 'linux' as const, isInteractive: true };

test.each([
  ['Linux with a display', AT_A_DESK, 'xdg-open'],
  ['Linux with Wayland', { ...AT_A_DESK, env: { WAYLAND_DISPLAY: 'wayland-0' } }, 'xdg-open'],
  ['macOS', { ...AT_A_DESK, platform: 'darwin' as const, env: {} }, 'open'],
  ['Windows', { ...AT_A_DESK, platform: 'win32' as const, env: {} }, 'cmd'],
])('a browser is opened on %s', (_where, surroundings, command) => {
  expect(openerFor(surroundings)?.[0]).toBe(command);
});

test.each([
  ['in CI', { ...AT_A_DESK, env: { DISPLAY: ':0', CI: 'true' } }],
  ['over SSH', { ...AT_A_DESK, env: { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 22' } }],
  ['without a terminal', { ...AT_A_DESK, isInteractive: false }],
  ['without a display', { ...AT_A_DESK, env: {} }],
  ['on a system that we do not know', { ...AT_A_DESK, platform: 'aix' as const }],
])('no browser is opened %s', (_where, surroundings) => {
  expect(openerFor(surroundings)).toBeUndefined();
});
