/**
 * Presence of clients (online, offline) and typing: recorded with times, nothing else depends on it.
 */
import { getBinaryNodeChild } from '@whiskeysockets/baileys';
import type { StanzaHandler } from './login/session.js';
import { isoNow } from './records/records.js';

/** `<presence>`: available, unavailable, subscribe, or only a name. */
export const handlePresence: StanzaHandler = ({ world, account, device }, stanza) => {
  const { type, to, name } = stanza.attrs;
  const target = to === undefined ? null : (world.directory.byJid(to)?.number ?? to);
  const shown = type ?? (name === undefined ? 'available' : 'name');
  world.records.presences.add({
    from: account.number,
    device: device.id,
    to: target,
    type: shown,
    at: isoNow(),
  });
};

/** `<chatstate>`: composing (recording, when the medium is audio) or paused, in one chat. */
export const handleChatState: StanzaHandler = ({ world, account, device }, stanza) => {
  const composing = getBinaryNodeChild(stanza, 'composing');
  const type = composing ? (composing.attrs.media === 'audio' ? 'recording' : 'composing') : 'paused';
  const to = world.directory.byJid(stanza.attrs.to)?.number ?? stanza.attrs.to ?? null;
  world.records.presences.add({ from: account.number, device: device.id, to, type, at: isoNow() });
};
