/**
 * What the page itself remembers: whose phones are on the desk and which chat is open on each. It lives in the address,
 * so that a reload, a bookmark and the back button work. Everything else is the simulator's.
 */
export interface Slot {
  number: string;
  chat: string | null;
}

/** More phones than two do not fit beside each other. */
export const SLOT_COUNT = 2;

const SLOT = /^(\d{6,15})(?:\/([\w.@-]{1,100}))?$/;

/** What was typed into the address by hand need not be well formed. */
function plain(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** The phones named in an address' fragment. */
export function readSlots(hash: string): Slot[] {
  return plain(hash.replace(/^#/, ''))
    .split(';')
    .flatMap((text) => {
      const [, number, chat] = SLOT.exec(text) ?? [];
      return number === undefined ? [] : [{ number, chat: chat ?? null }];
    })
    .slice(0, SLOT_COUNT);
}

/** The fragment for these phones. */
export const toHash = (slots: Slot[]): string =>
  `#${slots.map(({ number, chat }) => (chat === null ? number : `${number}/${chat}`)).join(';')}`;

interface Known {
  number: string;
  kind: 'phone' | 'contact';
}

/** Two phones to begin with: a session's own and its first contact's, each with the other's chat open. */
export function firstSlots(people: Known[]): Slot[] {
  const own = people.find(({ kind }) => kind === 'phone') ?? people[0];
  if (!own) return [];
  const other =
    people.find((person) => person.kind === 'contact' && person !== own) ??
    people.find((person) => person !== own);
  if (!other) return [{ number: own.number, chat: null }];
  return [
    { number: own.number, chat: other.number },
    { number: other.number, chat: own.number },
  ];
}
