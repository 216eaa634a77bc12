/**
 * Keeps the control API to this machine: the peer must be loopback, and so must the Host and Origin that a browser sends
 * (a page elsewhere could otherwise reach it through DNS rebinding).
 */
import type { RequestHandler } from 'express';
import { ControlError } from './problem.js';

const LOOPBACK_PEER = /^(127\.|::1$|::ffff:127\.)/;
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

const hostOf = (origin: string): string => {
  try {
    return new URL(origin).host;
  } catch {
    return origin;
  }
};

/** Refuses with 403 whatever does not come from this machine. */
export const allowLoopbackOnly: RequestHandler = (request, _response, next) => {
  const { host, origin } = request.headers;
  if (!LOOPBACK_PEER.test(request.socket.remoteAddress ?? '')) {
    throw new ControlError(403, 'not_loopback', 'the control API answers this machine only');
  }
  if (!LOOPBACK_HOST.test(host ?? '')) {
    throw new ControlError(403, 'foreign_host', `the Host header "${host ?? ''}" does not name this machine`);
  }
  if (origin !== undefined && !LOOPBACK_HOST.test(hostOf(origin))) {
    throw new ControlError(403, 'foreign_origin', `pages of ${origin} may not use the control API`);
  }
  // Without an Origin a browser may still say that another site's page asks, for a picture or a script. A link is fine.
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers;
  if (origin === undefined && site === 'cross-site' && mode !== 'navigate') {
    throw new ControlError(403, 'foreign_origin', 'pages of other sites may not use the control API');
  }
  next();
};
