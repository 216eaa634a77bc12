/**
 * Serves the phone page: static files made by the build from gateway/web. They need nothing from elsewhere, and the
 * Content-Security-Policy allows nothing else. Mounted by app.ts.
 */
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';
import helmet from 'helmet';

/** From src/ and from dist/ alike this is the build's output. */
const WEB = fileURLToPath(new URL('../../../dist/web/', import.meta.url));

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'blob:', 'data:'],
      mediaSrc: ["'self'", 'blob:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Loopback has no TLS.
  strictTransportSecurity: false,
});

/** `/` leads to `/phone/`, which is the page. */
export function createPhonePage(): Router {
  const router = Router();
  const files = { index: 'index.html', cacheControl: true, maxAge: 0, dotfiles: 'ignore' } as const;
  router.get('/', (_request, response) => response.redirect('/phone/'));
  router.use('/phone', securityHeaders, express.static(`${WEB}phone`, files));
  router.use('/shared', securityHeaders, express.static(`${WEB}shared`, files));
  return router;
}
