/**
 * Preloaded into a gateway's process (`NODE_OPTIONS=--import`): makes the client's check of signatures work, which rc14's does
 * not, because it ignores what libsignal answers. Nothing else of the client is touched.
 */
import { Buffer } from 'node:buffer';
import { Curve } from '@whiskeysockets/baileys/lib/Utils/crypto.js';
import { verifySignature } from 'libsignal/src/curve.js';

const KEY_TYPE = Buffer.from([5]);

Curve.verify = (key, message, signature) => {
  try {
    const typed = key.length === 33 ? key : Buffer.concat([KEY_TYPE, key]);
    return verifySignature(typed, message, signature) === true;
  } catch {
    return false;
  }
};
