/** What businesses send. */
import { FILE, IMAGE, fileOf, received } from './parts.mjs';

const quickReply = (index, id, displayText) => ({ index, quickReplyButton: { id, displayText } });
export const businesses = {
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
