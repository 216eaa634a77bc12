/** What the messages of all kinds are made of: a message as the protobuf's JSON, bytes as base64, and what its event must say. */
export const BOB = '4915550019002@s.whatsapp.net';
export const KEY = { remoteJid: BOB, fromMe: true, id: '3EB0TARGET' };

export const FILE = {
  url: 'https://mmg.whatsapp.net/v/t62/1',
  directPath: '/v/t62/1',
  mediaKey: Buffer.alloc(32, 1).toString('base64'),
  fileSha256: Buffer.alloc(32, 2).toString('base64'),
  fileEncSha256: Buffer.alloc(32, 3).toString('base64'),
  fileLength: 5,
};
export const SHA256 = '02'.repeat(32);
export const fileOf = (mimeType, more = {}) => ({ mimeType, sizeBytes: 5, sha256: SHA256, ...more });
export const IMAGE = { ...FILE, mimetype: 'image/jpeg' };

export const received = (message, data, more = {}) => ({ message, type: 'message.received', data, ...more });
export const changed = (type, message, data, more = {}) => ({ message, type, data, ...more });
export const ignored = (message) => ({ message, type: null });
