/**
 * Who a message goes to, checked for shape before any call, so that a bad row in a sheet fails with its own words.
 * Used by the nodes that send. Whether the number exists is the gateway's to say.
 */
import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { toText } from './text';

const JID = /^(\d{7,15}@(s\.whatsapp\.net|c\.us)|\d{3,20}@lid|\d{5,25}(-\d{5,15})?@g\.us)$/;

/** Why `text` cannot be a recipient, or undefined when it can. */
export function recipientFault(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.includes('@')) {
    return JID.test(text)
      ? undefined
      : 'an address with @ ends in @s.whatsapp.net, @c.us, @lid or @g.us after digits';
  }
  if (/^\d(\.\d+)?e\+?\d+$/i.test(text)) {
    return 'the spreadsheet has rounded it: format the column as text';
  }
  if (!/^\+?[\d\s().\-/\u00a0]+$/.test(text)) return 'a phone number has digits only';
  const digits = text.replace(/\D/g, '');
  if (digits.startsWith('0')) return 'a number begins with its country code, not with 0';
  if (digits.length < 7 || digits.length > 15)
    return `a phone number has 7 to 15 digits, this has ${digits.length}`;
  return undefined;
}

/**
 * The recipient of one item as the user wrote it, trimmed.
 * @throws NodeOperationError when it cannot be a phone number or JID
 */
export function readRecipient(context: IExecuteFunctions, itemIndex: number, field = 'to'): string {
  const text = toText(context.getNodeParameter(field, itemIndex, '')).trim();
  const fault = recipientFault(text);
  if (fault === undefined) return text;
  const shown = text === '' ? 'The recipient' : `The recipient "${text.slice(0, 40)}"`;
  throw new NodeOperationError(
    context.getNode(),
    `${shown} is not valid: ${fault}. Write the number with its country code, for example +4915112345678.`,
    { itemIndex },
  );
}
