/**
 * Serves the dashboard at `/`: static files made by the build from gateway/web, which use the public API and nothing
 * else. They hold no secret, so no key is asked for here. Mounted by http/app, behind its security headers.
 */
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

/** From src/ and from dist/ alike this is the build's output. */
const WEB = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** Files have no validators, because answers are never stored (http/app says so for all). */
const PLAIN = { etag: false, lastModified: false, cacheControl: false, dotfiles: 'ignore' } as const;

export function createDashboard(): Router {
  const router = Router();
  router.get('/', (_request, response) => {
    response.sendFile('index.html', { root: `${WEB}dashboard`, ...PLAIN });
  });
  router.use('/dashboard', express.static(`${WEB}dashboard`, { ...PLAIN, index: false }));
  router.use('/shared', express.static(`${WEB}shared`, { ...PLAIN, index: false }));
  return router;
}
