/**
 * The messages that `record.mjs` has the simulated WhatsApp send, one for each shape that reaches a phone, and what the
 * gateway's event must say of it, written by hand. A message is the protobuf's JSON, bytes as base64.
 */
const BOB = '4915550019002@s.whatsapp.net';
const KEY = { remoteJid: BOB, fromMe: true, id: '3EB0TARGET' };

const FILE = {
  url: 'https://mmg.whatsapp.net/v/t62/1',
  directPath: '/v/t62/1',
  mediaKey: Buffer.alloc(32, 1).toString('base64'),
  fileSha256: Buffer.alloc(32, 2).toString('base64'),
  fileEncSha256: Buffer.alloc(32, 3).toString('base64'),
  fileLength: 5,
};
const SHA256 = '02'.repeat(32);
const fileOf = (mimeType, more = {}) => ({ mimeType, sizeBytes: 5, sha256: SHA256, ...more });
const IMAGE = { ...FILE, mimetype: 'image/jpeg' };

const received = (message, data, more = {}) => ({ message, type: 'message.received', data, ...more });
const changed = (type, message, data, more = {}) => ({ message, type, data, ...more });
const ignored = (message) => ({ message, type: null });

const quickReply = (index, id, displayText) => ({ index, quickReplyButton: { id, displayText } });
const texts = {
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

const files = {
  image: received(
    { imageMessage: { ...IMAGE, caption: 'look', width: 10, height: 10 } },
    { kind: 'image', text: 'look', media: fileOf('image/jpeg', { caption: 'look' }) },
  ),
  'image-view-once': received(
    { viewOnceMessageV2: { message: { imageMessage: { ...IMAGE, viewOnce: true } } } },
    { kind: 'image', text: null, viewOnce: true },
  ),
  'image-view-once-ephemeral': received(
    {
      ephemeralMessage: {
        message: { viewOnceMessage: { message: { imageMessage: { ...IMAGE, caption: 'once' } } } },
      },
    },
    { kind: 'image', text: 'once', viewOnce: true },
  ),
  'voice-note-view-once': received(
    {
      viewOnceMessageV2Extension: {
        message: { audioMessage: { ...FILE, mimetype: 'audio/ogg; codecs=opus', ptt: true, viewOnce: true } },
      },
    },
    { kind: 'audio', voice: true, viewOnce: true },
  ),
  video: received(
    { videoMessage: { ...FILE, mimetype: 'video/mp4', caption: 'film', seconds: 3 } },
    { kind: 'video', text: 'film', media: fileOf('video/mp4') },
  ),
  'video-note': received(
    { ptvMessage: { ...FILE, mimetype: 'video/mp4', seconds: 3 } },
    { kind: 'video', media: fileOf('video/mp4') },
  ),
  audio: received(
    { audioMessage: { ...FILE, mimetype: 'audio/mpeg', seconds: 3 } },
    { kind: 'audio', voice: false, media: fileOf('audio/mpeg') },
  ),
  document: received(
    { documentMessage: { ...FILE, mimetype: 'application/pdf', fileName: 'bill.pdf' } },
    { kind: 'document', media: fileOf('application/pdf', { filename: 'bill.pdf' }) },
  ),
  'document-with-caption': received(
    {
      documentWithCaptionMessage: {
        message: {
          documentMessage: {
            ...FILE,
            mimetype: 'application/pdf',
            fileName: 'bill.pdf',
            caption: 'the bill',
          },
        },
      },
    },
    { kind: 'document', text: 'the bill', media: fileOf('application/pdf', { filename: 'bill.pdf' }) },
  ),
  sticker: received(
    { stickerMessage: { ...FILE, mimetype: 'image/webp' } },
    { kind: 'sticker', media: fileOf('image/webp') },
  ),
  'sticker-lottie': received(
    { lottieStickerMessage: { message: { stickerMessage: { ...FILE, mimetype: 'application/was' } } } },
    { kind: 'sticker', media: fileOf('application/was') },
  ),
  'album-picture': received(
    { associatedChildMessage: { message: { imageMessage: IMAGE } } },
    { kind: 'image', media: fileOf('image/jpeg') },
  ),
};

const things = {
  location: received(
    {
      locationMessage: {
        degreesLatitude: 52.5,
        degreesLongitude: 13.4,
        name: 'Berlin',
        address: 'Mitte',
      },
    },
    {
      kind: 'location',
      location: { latitude: 52.5, longitude: 13.4, name: 'Berlin', address: 'Mitte', live: false },
    },
  ),
  'location-live': received(
    {
      liveLocationMessage: {
        degreesLatitude: 1.5,
        degreesLongitude: 2.5,
        caption: 'on my way',
        sequenceNumber: 3,
        accuracyInMeters: 5,
      },
    },
    { kind: 'location', text: 'on my way', location: { latitude: 1.5, longitude: 2.5, live: true } },
  ),
  contact: received(
    {
      contactMessage: {
        displayName: 'Eve',
        vcard: 'BEGIN:VCARD\nVERSION:3.0\nFN:Eve\nTEL;waid=4915550019003:+49 1555 0019003\nEND:VCARD',
      },
    },
    { kind: 'contacts', contacts: [{ name: 'Eve', phones: ['4915550019003'] }] },
  ),
  contacts: received(
    {
      contactsArrayMessage: {
        displayName: '2 contacts',
        contacts: [
          { displayName: 'Eve', vcard: 'BEGIN:VCARD\nTEL:+49 1555 0019003\nEND:VCARD' },
          { displayName: 'Ann' },
        ],
      },
    },
    {
      kind: 'contacts',
      contacts: [
        { name: 'Eve', phones: ['4915550019003'] },
        { name: 'Ann', phones: [] },
      ],
    },
  ),
  poll: received(
    {
      messageContextInfo: { messageSecret: Buffer.alloc(32, 4).toString('base64') },
      pollCreationMessageV3: {
        name: 'Lunch?',
        options: [{ optionName: 'yes' }, { optionName: 'no' }],
        selectableOptionsCount: 1,
      },
    },
    { kind: 'poll', text: 'Lunch?', poll: { question: 'Lunch?', options: ['yes', 'no'], multiple: false } },
  ),
  'poll-with-several-answers': received(
    {
      messageContextInfo: { messageSecret: Buffer.alloc(32, 4).toString('base64') },
      pollCreationMessage: { name: 'Days?', options: [{ optionName: 'Mo' }, { optionName: 'Tu' }] },
    },
    { kind: 'poll', poll: { question: 'Days?', options: ['Mo', 'Tu'], multiple: true } },
  ),
  'group-invite': received(
    {
      groupInviteMessage: {
        groupJid: '120363000000000001@g.us',
        inviteCode: 'CODE1',
        inviteExpiration: 1_767_225_600,
        groupName: 'Runners',
        caption: 'Join us',
      },
    },
    {
      kind: 'group_invite',
      text: 'Join us',
      details: {
        groupJid: '120363000000000001@g.us',
        groupName: 'Runners',
        inviteCode: 'CODE1',
        expiresAt: '2026-01-01T00:00:00.000Z',
      },
    },
  ),
  product: received(
    {
      productMessage: {
        product: {
          productId: '777',
          title: 'Shoe',
          description: 'Red',
          currencyCode: 'EUR',
          priceAmount1000: 59_900,
          retailerId: 'SKU-1',
          url: 'https://shop.example/shoe',
        },
        businessOwnerJid: BOB,
        body: 'Still available',
      },
    },
    {
      kind: 'product',
      text: 'Still available',
      details: {
        productId: '777',
        retailerId: 'SKU-1',
        title: 'Shoe',
        description: 'Red',
        price: 59.9,
        currency: 'EUR',
        url: 'https://shop.example/shoe',
      },
    },
  ),
  order: received(
    {
      orderMessage: {
        orderId: '888',
        itemCount: 2,
        status: 'INQUIRY',
        surface: 'CATALOG',
        message: 'Please',
        orderTitle: 'Shoes',
        sellerJid: BOB,
        token: 'AR1',
        totalAmount1000: 119_800,
        totalCurrencyCode: 'EUR',
      },
    },
    {
      kind: 'order',
      text: 'Please',
      details: { orderId: '888', title: 'Shoes', itemCount: 2, total: 119.8, currency: 'EUR', token: 'AR1' },
    },
  ),
  event: received(
    {
      messageContextInfo: { messageSecret: Buffer.alloc(32, 4).toString('base64') },
      eventMessage: {
        name: 'Run',
        description: 'Ten km',
        location: { degreesLatitude: 52.5, degreesLongitude: 13.4, name: 'Park' },
        joinLink: 'https://call.whatsapp.com/video/1',
        startTime: 1_767_225_600,
        endTime: 1_767_229_200,
      },
    },
    {
      kind: 'event',
      text: 'Run',
      details: {
        name: 'Run',
        description: 'Ten km',
        place: 'Park',
        joinLink: 'https://call.whatsapp.com/video/1',
        startsAt: '2026-01-01T00:00:00.000Z',
        endsAt: '2026-01-01T01:00:00.000Z',
        canceled: false,
      },
    },
  ),
};

const replies = {
  'button-reply': received(
    { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'Yes', type: 'DISPLAY_TEXT' } },
    { kind: 'button_reply', text: 'Yes', reply: { id: 'b1', title: 'Yes' } },
  ),
  'template-reply': received(
    { templateButtonReplyMessage: { selectedId: 't1', selectedDisplayText: 'No', selectedIndex: 1 } },
    { kind: 'button_reply', text: 'No', reply: { id: 't1', title: 'No' } },
  ),
  'list-reply': received(
    {
      listResponseMessage: {
        title: 'Large',
        description: '42 cm',
        listType: 'SINGLE_SELECT',
        singleSelectReply: { selectedRowId: 'r1' },
        contextInfo: { stanzaId: 'L1', participant: BOB },
      },
    },
    {
      kind: 'list_reply',
      text: 'Large',
      reply: { id: 'r1', title: 'Large', description: '42 cm' },
      quoted: { messageId: 'L1' },
    },
  ),
  'flow-reply': received(
    {
      interactiveResponseMessage: {
        body: { text: 'Sent' },
        nativeFlowResponseMessage: {
          name: 'flow',
          paramsJson: '{"flow_token":"1","size":"L","count":2}',
          version: 3,
        },
      },
    },
    {
      kind: 'flow_reply',
      text: 'Sent',
      reply: { id: 'flow', title: 'Sent', values: { flow_token: '1', size: 'L', count: 2 } },
    },
  ),
  'flow-reply-of-a-button': received(
    {
      interactiveResponseMessage: {
        nativeFlowResponseMessage: {
          name: 'quick_reply',
          paramsJson: '{"id":"yes","display_text":"Yes"}',
          version: 1,
        },
      },
    },
    { kind: 'flow_reply', text: 'Yes', reply: { id: 'yes', title: 'Yes' } },
  ),
  'flow-reply-that-is-no-json': received(
    {
      interactiveResponseMessage: {
        body: { text: 'Sent' },
        nativeFlowResponseMessage: { name: 'flow', paramsJson: '{"cut', version: 3 },
      },
    },
    { kind: 'flow_reply', text: 'Sent', reply: { id: 'flow', values: '{"cut' } },
  ),
};

const businesses = {
  template: received(
    {
      templateMessage: {
        templateId: '1',
        hydratedTemplate: {
          templateId: '1',
          hydratedTitleText: 'Shop',
          hydratedContentText: 'Your parcel is on its way',
          hydratedFooterText: 'Thank you',
          hydratedButtons: [
            { index: 0, quickReplyButton: { id: 'ok', displayText: 'OK' } },
            { index: 1, urlButton: { displayText: 'Track', url: 'https://shop.example/t' } },
            { index: 2, callButton: { displayText: 'Call', phoneNumber: '+4930123' } },
          ],
        },
      },
    },
    {
      kind: 'text',
      text: 'Shop\nYour parcel is on its way\nThank you',
      buttons: [
        { id: 'ok', title: 'OK', url: null },
        { id: null, title: 'Track', url: 'https://shop.example/t' },
        { id: null, title: 'Call', url: 'tel:+4930123' },
      ],
    },
  ),
  'template-with-a-picture': received(
    {
      templateMessage: {
        hydratedFourRowTemplate: {
          imageMessage: IMAGE,
          hydratedContentText: 'New shoes',
          hydratedButtons: [quickReply(0, 'more', 'More')],
        },
      },
    },
    {
      kind: 'image',
      text: 'New shoes',
      media: fileOf('image/jpeg'),
      buttons: [{ id: 'more', title: 'More', url: null }],
    },
  ),
  'template-of-four-rows': received(
    {
      templateMessage: {
        fourRowTemplate: {
          content: { namespace: 'shop', elementName: 'shipped', params: ['Bob', 'Monday'] },
          buttons: [{ index: 0, quickReplyButton: { id: 'ok', displayText: { elementName: 'confirm' } } }],
        },
      },
    },
    { kind: 'text', text: 'Bob Monday', buttons: [{ id: 'ok', title: 'confirm', url: null }] },
  ),
  'template-interactive': received(
    {
      templateMessage: {
        interactiveMessageTemplate: {
          body: { text: 'Choose' },
          nativeFlowMessage: {
            buttons: [{ name: 'quick_reply', buttonParamsJson: '{"id":"a","display_text":"A"}' }],
          },
        },
      },
    },
    { kind: 'text', text: 'Choose', buttons: [{ id: 'a', title: 'A', url: null }] },
  ),
  'highly-structured': received(
    { highlyStructuredMessage: { namespace: 'shop', elementName: 'shipped', params: ['Bob', 'today'] } },
    { kind: 'text', text: 'Bob today' },
  ),
  buttons: received(
    {
      buttonsMessage: {
        contentText: 'Is that right?',
        footerText: 'Shop',
        headerType: 'EMPTY',
        buttons: [
          { buttonId: 'y', buttonText: { displayText: 'Yes' }, type: 'RESPONSE' },
          { buttonId: 'n', buttonText: { displayText: 'No' }, type: 'RESPONSE' },
        ],
      },
    },
    {
      kind: 'text',
      text: 'Is that right?\nShop',
      buttons: [
        { id: 'y', title: 'Yes', url: null },
        { id: 'n', title: 'No', url: null },
      ],
    },
  ),
  'buttons-under-a-file': received(
    {
      buttonsMessage: {
        documentMessage: { ...FILE, mimetype: 'application/pdf', fileName: 'bill.pdf' },
        contentText: 'Your bill',
        headerType: 'DOCUMENT',
        buttons: [{ buttonId: 'p', buttonText: { displayText: 'Pay' }, type: 'RESPONSE' }],
      },
    },
    {
      kind: 'document',
      text: 'Your bill',
      media: fileOf('application/pdf', { filename: 'bill.pdf' }),
      buttons: [{ id: 'p', title: 'Pay', url: null }],
    },
  ),
  list: received(
    {
      listMessage: {
        title: 'Sizes',
        description: 'Which one?',
        buttonText: 'Show',
        footerText: 'Shop',
        listType: 'SINGLE_SELECT',
        sections: [
          { title: 'Small', rows: [{ rowId: 's', title: 'S' }] },
          { title: 'Large', rows: [{ rowId: 'l', title: 'L', description: '42 cm' }] },
        ],
      },
    },
    {
      kind: 'text',
      text: 'Sizes\nWhich one?\nShop',
      buttons: [
        { id: 's', title: 'S', url: null },
        { id: 'l', title: 'L', url: null },
      ],
    },
  ),
  interactive: received(
    {
      interactiveMessage: {
        header: { title: 'Shop', hasMediaAttachment: true, imageMessage: IMAGE },
        body: { text: 'Have a look' },
        footer: { text: 'Until Friday' },
        nativeFlowMessage: {
          buttons: [
            { name: 'cta_url', buttonParamsJson: '{"display_text":"Open","url":"https://shop.example"}' },
            { name: 'quick_reply', buttonParamsJson: '{broken' },
          ],
        },
      },
    },
    {
      kind: 'image',
      text: 'Shop\nHave a look\nUntil Friday',
      media: fileOf('image/jpeg'),
      buttons: [
        { id: 'cta_url', title: 'Open', url: 'https://shop.example' },
        { id: 'quick_reply', title: null, url: null },
      ],
    },
  ),
  'interactive-cards': received(
    {
      viewOnceMessage: {
        message: {
          interactiveMessage: {
            body: { text: 'Two shoes' },
            carouselMessage: {
              cards: [
                {
                  body: { text: 'Red' },
                  nativeFlowMessage: {
                    buttons: [{ name: 'quick_reply', buttonParamsJson: '{"id":"r","display_text":"Take"}' }],
                  },
                },
                { body: { text: 'Blue' } },
              ],
            },
          },
        },
      },
    },
    { kind: 'text', text: 'Two shoes\nRed\nBlue', buttons: [{ id: 'r', title: 'Take', url: null }] },
  ),
};

const changes = {
  reaction: changed(
    'message.reaction',
    { reactionMessage: { key: KEY, text: '👍', senderTimestampMs: 1_767_225_600_000 } },
    { reaction: { messageId: '3EB0TARGET', emoji: '👍' } },
  ),
  'reaction-withdrawn': changed(
    'message.reaction',
    { reactionMessage: { key: KEY, text: '' } },
    { reaction: { messageId: '3EB0TARGET', emoji: '' } },
  ),
  edit: changed(
    'message.edited',
    {
      protocolMessage: {
        key: { ...KEY, fromMe: false },
        type: 'MESSAGE_EDIT',
        editedMessage: { conversation: 'corrected' },
        timestampMs: 1_767_225_600_000,
      },
    },
    { editedMessageId: '3EB0TARGET', kind: 'text', text: 'corrected' },
  ),
  'edit-in-its-envelope': changed(
    'message.edited',
    {
      editedMessage: {
        message: {
          protocolMessage: {
            key: { ...KEY, fromMe: false },
            type: 'MESSAGE_EDIT',
            editedMessage: { imageMessage: { ...IMAGE, caption: 'new caption' } },
          },
        },
      },
    },
    { editedMessageId: '3EB0TARGET', kind: 'image', text: 'new caption' },
  ),
  revoke: changed(
    'message.revoked',
    { protocolMessage: { key: { ...KEY, fromMe: false }, type: 'REVOKE' } },
    { revokedMessageId: '3EB0TARGET' },
  ),
  'vote-in-an-unknown-poll': changed(
    'poll.vote',
    {
      pollUpdateMessage: {
        pollCreationMessageKey: KEY,
        vote: {
          encPayload: Buffer.alloc(48, 5).toString('base64'),
          encIv: Buffer.alloc(12, 6).toString('base64'),
        },
        senderTimestampMs: 1_767_225_600_000,
      },
    },
    { pollMessageId: '3EB0TARGET', selectedOptions: null, error: { code: 'poll_unknown' } },
  ),
};

const others = {
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

/** By name, in the order in which they are sent. */
export const SHAPES = { ...texts, ...files, ...things, ...replies, ...businesses, ...changes, ...others };
