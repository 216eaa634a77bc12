/**
 * For each field of the trigger values that do not fit, and what is said about them. Used by badInput.test.ts.
 */
import { truth, type BadInput } from './badInputParts';

export const BAD_TRIGGER: BadInput['bad'] = {
  events: [
    [[], 'No event is chosen'],
    ['={{ "message.recieved" }}', 'There is no event "message.recieved"'],
    ['={{ null }}', 'No event is chosen'],
  ],
  sessions: [
    [['my shop'], 'The session "my shop" is not valid'],
    ['={{ "shop, my shop" }}', 'The session "my shop" is not valid'],
  ],
  simplify: truth,
  'filters.caseSensitive': truth,
  'filters.chatKind': [['={{ "channel" }}', 'Give one of any, direct, group']],
  'filters.from': [
    ['={{ 12 }}', 'The sender "12" in the filter is not valid'],
    ['+4915112345678, Ann', 'The sender "Ann" in the filter is not valid'],
  ],
  'filters.textMatches': [['(', 'The regular expression "("']],
  'options.answer': [['later', 'Give one of atOnce, finished']],
  'options.downloadMedia': truth,
  'options.ownMessages': truth,
};

/** Fields in which every text is good. */
export const ANY_FITS_TRIGGER = [
  'filters.textContains',
  'filters.textEquals',
  'filters.textStartsWith',
  'options.binaryProperty',
];
