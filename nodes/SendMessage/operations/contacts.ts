/**
 * Send Message, operation "Send Contact": name and numbers, or a whole vCard.
 */
import { NodeOperationError, type IDataObject, type IExecuteFunctions } from 'n8n-workflow';

import { readText } from '../../shared/outgoing/envelope';
import { sendOperation } from '../../shared/outgoing/sendOperation';
import { recipientFault } from '../../shared/recipient';
import { toList, valueReader } from '../../shared/values';

function readPhones(context: IExecuteFunctions, itemIndex: number): string[] {
  const phones = toList(readText(context, itemIndex, { name: 'contactPhones', label: 'Contact Phones' }));
  for (const phone of phones) {
    const fault = phone.includes('@') ? 'a phone number has digits only' : recipientFault(phone);
    if (fault === undefined) continue;
    const message = `The contact's number "${phone}" is not valid: ${fault}. Write it with its country code, for example +4915112345678.`;
    throw new NodeOperationError(context.getNode(), message, { itemIndex });
  }
  return phones;
}

function readVcard(context: IExecuteFunctions, itemIndex: number): string {
  const vcard = readText(context, itemIndex, { name: 'vcard', label: 'vCard', max: 20_000 }).trim();
  if (/^BEGIN:VCARD\b[^]*\nEND:VCARD$/i.test(vcard)) return vcard;
  const message = `The text in "vCard" is not a vCard. It begins with BEGIN:VCARD and ends with END:VCARD, on lines of their own.`;
  throw new NodeOperationError(context.getNode(), message, { itemIndex });
}

const SOURCE_FIELD = { label: 'Contact From', choices: ['fields', 'vcard'] } as const;

function readContacts(context: IExecuteFunctions, itemIndex: number): IDataObject | IDataObject[] {
  const { choice } = valueReader(context, itemIndex);
  const source = choice(context.getNodeParameter('contactSource', itemIndex), SOURCE_FIELD);
  if (source === 'vcard') return { vcard: readVcard(context, itemIndex) };
  const name = readText(context, itemIndex, { name: 'contactName', label: 'Contact Name', max: 255 });
  return [{ name, phones: readPhones(context, itemIndex) }];
}

export const contacts = sendOperation({
  fields: [
    {
      displayName: 'Contact From',
      name: 'contactSource',
      type: 'options',
      default: 'fields',
      description: 'Where the contact comes from',
      options: [
        { name: 'Fields', value: 'fields', description: 'A name and phone numbers' },
        { name: 'vCard', value: 'vcard', description: 'The text of a .vcf file' },
      ],
    },
    {
      displayName: 'Contact Name',
      name: 'contactName',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. Nathan',
      displayOptions: { show: { contactSource: ['fields'] } },
      description: 'Name of the contact as the recipient sees it',
    },
    {
      displayName: 'Contact Phones',
      name: 'contactPhones',
      type: 'string',
      default: '',
      required: true,
      placeholder: 'e.g. +4915112345678, +4930123456',
      displayOptions: { show: { contactSource: ['fields'] } },
      description: 'Phone numbers of the contact, separated by commas',
    },
    {
      displayName: 'vCard',
      name: 'vcard',
      type: 'string',
      typeOptions: { rows: 6 },
      default: '',
      required: true,
      placeholder: 'BEGIN:VCARD ... END:VCARD',
      displayOptions: { show: { contactSource: ['vcard'] } },
      description: 'The contact in vCard format',
    },
  ],
  quotes: true,
  read: (context, itemIndex) => ({ type: 'contacts', contacts: readContacts(context, itemIndex) }),
});
