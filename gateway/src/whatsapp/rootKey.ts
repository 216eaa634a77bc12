/**
 * The root key that WhatsApp's server certificates are signed with. Baileys has no option for it; its exported constant
 * is read at each handshake. Called once at start, and only for a simulated WhatsApp.
 */
import { WA_CERT_DETAILS } from '@whiskeysockets/baileys';

/** Makes this process trust another root key: 32 bytes. */
export function trustRootKey(key: Uint8Array): void {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(key);
}
