/** Places, contact cards, reactions, polls and what else is no text and no file. */
import { BOB, received } from './parts.mjs';

export const things = {
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
