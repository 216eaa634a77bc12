/** Answers to buttons, lists and forms. */
import { BOB, received } from './parts.mjs';

export const replies = {
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
