/**
 * Who may use the control API: this machine alone, whatever address it would listen on.
 */
import type { Request, Response } from 'express';
import { allowLoopbackOnly } from '../../../gateway/src/simulator/control/guard.js';
import { ControlError } from '../../../gateway/src/simulator/control/problem.js';

/** The code of the refusal, or `in`. */
function ask(remoteAddress: string | undefined, headers: Record<string, string> = {}): string {
  const request = { socket: { remoteAddress }, headers: { host: 'localhost:1', ...headers } };
  let outcome = 'nothing';
  try {
    allowLoopbackOnly(request as unknown as Request, null as unknown as Response, () => {
      outcome = 'in';
    });
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    expect(error.problem.status).toBe(403);
    outcome = error.problem.code;
  }
  return outcome;
}

test.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'])('%s is let in', (address) => {
  expect(ask(address)).toBe('in');
});

test.each([
  '192.168.1.5',
  '10.0.0.1',
  '::ffff:10.0.0.1',
  'fe80::1',
  '2001:db8::127.0.0.1',
  '1127.0.0.1',
  undefined,
])('%s is refused', (address) => {
  expect(ask(address)).toBe('not_loopback');
});

test.each([
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  '',
  '127.0.0.1:80@evil.example',
])('the Host "%s" is refused', (host) => {
  expect(ask('127.0.0.1', { host })).toBe('foreign_host');
});

test.each([
  ['origin', 'https://evil.example'],
  ['origin', 'null'],
  ['sec-fetch-site', 'cross-site'],
])('a page elsewhere is refused: %s %s', (name, value) => {
  expect(ask('127.0.0.1', { [name]: value })).toBe('foreign_origin');
});
