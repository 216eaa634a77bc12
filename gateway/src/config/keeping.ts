/**
 * Settings of incoming files and of how long rows and files are kept. Part of the table in config.ts.
 */
import type { Setting } from './reading.js';
import { parseWholeNumber } from './values.js';

const days = (name: string, defaultText: string, what: string): Setting<number> => ({
  name,
  type: 'days, 0-36500',
  defaultText,
  meaning: `how long ${what}; 0: for ever`,
  parse: parseWholeNumber(0, 36_500),
});

type Name =
  | 'mediaWaitSeconds'
  | 'mediaMaxMb'
  | 'keepMediaDays'
  | 'keepEventsDays'
  | 'keepDeliveriesDays'
  | 'keepMessagesDays';

export const KEEPING_SETTINGS: Record<Name, Setting<number>> = {
  mediaWaitSeconds: {
    name: 'SLUICE_MEDIA_WAIT_SECONDS',
    type: 'seconds, 0-60',
    defaultText: '5',
    meaning:
      'how long the event of a received message waits for its file at most; then it goes out with `media.pending` and a `message.media` event follows',
    parse: parseWholeNumber(0, 60),
  },
  mediaMaxMb: {
    name: 'SLUICE_MEDIA_MAX_MB',
    type: 'megabytes, 1-2048',
    defaultText: '100',
    meaning: 'received files that are larger are not downloaded; their event says so in `media.error`',
    parse: parseWholeNumber(1, 2_048),
  },
  keepMediaDays: days('SLUICE_KEEP_MEDIA_DAYS', '30', 'media files are kept, received and uploaded'),
  keepEventsDays: days(
    'SLUICE_KEEP_EVENTS_DAYS',
    '30',
    'events stay in the log; one that a webhook is still to get stays longer',
  ),
  keepDeliveriesDays: days(
    'SLUICE_KEEP_DELIVERIES_DAYS',
    '14',
    'deliveries are kept with their attempts once they are delivered or given up',
  ),
  keepMessagesDays: days(
    'SLUICE_KEEP_MESSAGES_DAYS',
    '90',
    'messages are kept once they are sent or failed, and campaigns of which nothing waits any more, at least 32 days for the limits per month',
  ),
};
