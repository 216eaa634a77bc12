/** What is ignored, and what is not known. */
import { BOB, KEY, ignored, received } from './parts.mjs';

export const others = {
  'pin-in-chat': received(
    { pinInChatMessage: { key: KEY, type: 'PIN_FOR_ALL', senderTimestampMs: 1_767_225_600_000 } },
    { kind: 'unsupported', typeName: 'pinInChatMessage' },
  ),
  'payment-request': received(
    { requestPaymentMessage: { currencyCodeIso4217: 'INR', amount1000: 1000, requestFrom: BOB } },
    { kind: 'unsupported', typeName: 'requestPaymentMessage' },
  ),
  'event-answer': received(
    {
      encEventResponseMessage: {
        eventCreationMessageKey: KEY,
        encPayload: Buffer.alloc(48, 5).toString('base64'),
        encIv: Buffer.alloc(12, 6).toString('base64'),
      },
    },
    { kind: 'unsupported', typeName: 'encEventResponseMessage' },
  ),
  'call-link': received(
    {
      scheduledCallCreationMessage: {
        scheduledTimestampMs: 1_767_225_600_000,
        callType: 'VIDEO',
        title: 'Talk',
      },
    },
    { kind: 'unsupported', typeName: 'scheduledCallCreationMessage' },
  ),
  album: ignored({ albumMessage: { expectedImageCount: 2, expectedVideoCount: 0 } }),
  'disappearing-setting': ignored({
    protocolMessage: { type: 'EPHEMERAL_SETTING', ephemeralExpiration: 86_400 },
  }),
};
