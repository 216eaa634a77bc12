/**
 * For each field of Session QR values that do not fit, and what is said about them. Used by badInput.ts.
 */
import { SESSIONS, connection, long, session, truth, whole, type BadInput } from './badInputParts';

export const SESSION_CASES: BadInput[] = [
  {
    type: 'sessionQr',
    good: connection('getQr'),
    bad: {
      session: [...SESSIONS, ['', 'The session "" is not valid']],
      'options.dataUrl': truth,
      'options.name': [[long(100), '100 fit']],
      'options.waitSeconds': whole(1, 60),
    },
  },
  {
    type: 'sessionQr',
    good: connection('getPairingCode'),
    bad: {
      phone: [
        ['', 'it is empty'],
        ['120363012345678901@g.us', 'digits only'],
      ],
    },
  },
  {
    type: 'sessionQr',
    good: connection('waitUntilConnected'),
    bad: { maxSeconds: whole(1, 600), failIfNot: truth },
  },
  { type: 'sessionQr', good: session('restart'), bad: { wipe: truth } },
  {
    type: 'sessionQr',
    good: session('getMany'),
    bad: { returnAll: truth, limit: whole(1, 100_000) },
  },
];
