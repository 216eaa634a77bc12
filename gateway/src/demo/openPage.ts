/**
 * Opens a page in the user's browser, where there is one. Never an error: the address is printed anyway.
 */
import { spawn } from 'node:child_process';

export interface Surroundings {
  env: Record<string, string | undefined>;
  platform: NodeJS.Platform;
  /** Whether somebody sits at a terminal. */
  isInteractive: boolean;
}

const OPENERS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', '""'],
  linux: ['xdg-open'],
};

/** The command that opens an address; undefined in CI, without a terminal, over SSH and without a display. */
export function openerFor({ env, platform, isInteractive }: Surroundings): string[] | undefined {
  const given = (name: string): boolean => (env[name] ?? '') !== '';
  if (!isInteractive || given('CI') || given('SSH_CONNECTION')) return undefined;
  if (platform === 'linux' && !given('DISPLAY') && !given('WAYLAND_DISPLAY')) return undefined;
  return OPENERS[platform];
}

/** Opens the address if that is possible. */
export function openPage(url: string, surroundings: Surroundings): void {
  const [command, ...parameters] = openerFor(surroundings) ?? [];
  if (command === undefined) return;
  const child = spawn(command, [...parameters, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
