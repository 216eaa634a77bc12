/** Texts in all their wrappers. */
import { BOB, IMAGE, received } from './parts.mjs';

export const texts = {
  text: received({ conversation: 'Hello' }, { kind: 'text', text: 'Hello' }),
  'text-in-a-group': received(
    { conversation: 'Hello all' },
    { kind: 'text', text: 'Hello all', chat: { kind: 'group' } },
    { group: true },
  ),
  'text-by-lid': received({ conversation: 'Hi' }, { kind: 'text', text: 'Hi' }, { addressing: 'lid' }),
  'text-with-quote-and-mention': received(
    {
      extendedTextMessage: {
        text: 'yes @4915550019002',
        contextInfo: {
          stanzaId: 'Q1',
          participant: BOB,
          quotedMessage: { imageMessage: { ...IMAGE, caption: 'really?' } },
          mentionedJid: [BOB],
        },
      },
    },
    {
      kind: 'text',
      text: 'yes @4915550019002',
      quoted: { messageId: 'Q1', from: { phone: '4915550019002' }, text: 'really?' },
      mentions: [BOB],
    },
  ),
  'text-forwarded': received(
    { extendedTextMessage: { text: 'chain', contextInfo: { isForwarded: true, forwardingScore: 7 } } },
    { kind: 'text', text: 'chain', forwarded: true },
  ),
  'text-ephemeral': received(
    {
      ephemeralMessage: {
        message: { extendedTextMessage: { text: 'gone soon', contextInfo: { expiration: 86_400 } } },
      },
    },
    { kind: 'text', text: 'gone soon' },
  ),
  'text-with-link-preview': received(
    {
      extendedTextMessage: {
        text: 'https://shop.example/a',
        matchedText: 'https://shop.example/a',
        title: 'Shop',
        description: 'Shoes',
      },
    },
    { kind: 'text', text: 'https://shop.example/a' },
  ),
  'text-from-an-ad': received(
    {
      extendedTextMessage: {
        text: 'Is it still there?',
        contextInfo: {
          conversionSource: 'FB_Ads',
          entryPointConversionSource: 'ctwa_ad',
          externalAdReply: {
            title: 'Autumn sale',
            body: 'All shoes',
            mediaType: 1,
            sourceType: 'ad',
            sourceId: '120200000000000001',
            sourceUrl: 'https://fb.me/abc',
            ctwaClid: 'ARClick1',
            showAdAttribution: true,
          },
        },
      },
    },
    {
      kind: 'text',
      text: 'Is it still there?',
      advertisement: {
        title: 'Autumn sale',
        body: 'All shoes',
        sourceUrl: 'https://fb.me/abc',
        sourceId: '120200000000000001',
        clickId: 'ARClick1',
      },
    },
  ),
};
