/**
 * Every operation with a value for each of its fields. Used by everyField.test.ts.
 */
import type { NodeParameterValueType } from 'n8n-workflow';

export type Values = Record<string, NodeParameterValueType>;

export interface Case {
  type: string;
  /** What chooses the operation: cannot be an expression, or decides which fields there are. */
  fixed: Values;
  fields: Values;
  /** Of the collection "Options". */
  options?: Values;
}

const TO = '+4915112345678';
export const locator = { __rl: true, mode: 'id', value: 'shop' };
const text = { to: TO, message: 'Hello', session: locator, sendInBatches: false };
const id = { messageId: 'msg_1' };
const newMessage = (operation: string): Values => ({ resource: 'newMessage', operation });
const existing = (operation: string): Values => ({ resource: 'existingMessage', operation });
const connection = (operation: string): Values => ({ resource: 'connection', operation });
const session = (operation: string): Values => ({ resource: 'session', operation });
const sendOptions = {
  dryRun: true,
  expiresAt: '2030-01-02T00:00:00Z',
  maxWaitSeconds: 7,
  priority: 3,
  reference: 'order 7',
  sendAt: '2030-01-01T00:00:00Z',
  showTyping: false,
  skipUnreachable: true,
  waitFor: 'sent',
  waitSeconds: 9,
};
const textOptions = { ...sendOptions, linkPreview: false, mentions: `${TO}, +4915187654321` };
const quoting = { replyTo: 'msg_0' };
const whom = { to: TO, session: locator, sendInBatches: false };

export const CASES: Case[] = [
  { type: 'sendMessage', fixed: newMessage('text'), fields: text, options: { ...textOptions, ...quoting } },
  { type: 'sendMessage', fixed: newMessage('reply'), fields: { ...text, ...id }, options: textOptions },
  {
    type: 'sendMessage',
    fixed: newMessage('location'),
    fields: { ...whom, latitude: 52.5, longitude: 13.4, placeName: 'Office', address: 'Sluice Lane 1' },
    options: { ...sendOptions, ...quoting },
  },
  {
    type: 'sendMessage',
    fixed: { ...newMessage('contacts'), contactSource: 'fields' },
    fields: { ...whom, contactName: 'Ann', contactPhones: TO },
    options: { ...sendOptions, ...quoting },
  },
  {
    type: 'sendMessage',
    fixed: { ...newMessage('contacts'), contactSource: 'vcard' },
    fields: { ...whom, vcard: 'BEGIN:VCARD\nFN:Ann\nEND:VCARD' },
    options: { ...sendOptions, ...quoting },
  },
  {
    type: 'sendMessage',
    fixed: newMessage('poll'),
    fields: { ...whom, question: 'Tea?', pollOptions: 'yes\nno', multiple: true },
    options: { ...sendOptions, ...quoting },
  },
  {
    type: 'sendMessage',
    fixed: existing('react'),
    fields: { ...whom, ...id, emoji: 'x' },
    options: sendOptions,
  },
  {
    type: 'sendMessage',
    fixed: existing('edit'),
    fields: { ...whom, ...id, message: 'Better' },
    options: sendOptions,
  },
  { type: 'sendMessage', fixed: existing('revoke'), fields: { ...whom, ...id }, options: sendOptions },
  { type: 'sendMessage', fixed: existing('getStatus'), fields: id },
  { type: 'sendMessage', fixed: existing('cancel'), fields: id },
  { type: 'sendMessage', fixed: existing('retry'), fields: id },
  {
    type: 'sendMedia',
    fixed: { source: 'link' },
    fields: { ...whom, mediaKind: 'image', link: 'https://example.com/a.png', caption: 'A' },
    options: { ...sendOptions, ...quoting, filename: 'a.png', gif: true, viewOnce: true },
  },
  {
    type: 'sendMedia',
    fixed: { source: 'id' },
    fields: { ...whom, mediaKind: 'video', mediaId: 'med_1', caption: 'A' },
    options: { ...sendOptions, ...quoting, filename: 'a.png', gif: true, viewOnce: true },
  },
  {
    type: 'sendMedia',
    fixed: { source: 'binary' },
    fields: { ...whom, mediaKind: 'document', binaryProperty: 'plan', caption: 'A' },
    options: { ...sendOptions, ...quoting, filename: 'a.png', gif: true, viewOnce: true },
  },
  {
    type: 'sessionQr',
    fixed: connection('getQr'),
    fields: { session: locator },
    options: { dataUrl: true, name: 'Shop', waitSeconds: 9 },
  },
  {
    type: 'sessionQr',
    fixed: connection('getPairingCode'),
    fields: { session: locator, phone: TO },
    options: { name: 'Shop' },
  },
  {
    type: 'sessionQr',
    fixed: connection('waitUntilConnected'),
    fields: { session: locator, maxSeconds: 20, failIfNot: false },
  },
  { type: 'sessionQr', fixed: session('get'), fields: { session: locator } },
  { type: 'sessionQr', fixed: session('getLimits'), fields: { session: locator } },
  { type: 'sessionQr', fixed: session('logout'), fields: { session: locator } },
  { type: 'sessionQr', fixed: session('delete'), fields: { session: locator } },
  { type: 'sessionQr', fixed: session('restart'), fields: { session: locator, wipe: true } },
  { type: 'sessionQr', fixed: { ...session('getMany'), returnAll: false }, fields: { limit: 7 } },
];
