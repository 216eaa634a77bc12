/**
 * Who does not want to be written to, and whether a message says so. Pure; the list is in store/optOuts.
 */
export const OPT_OUT_SOURCES = ['api', 'keyword'] as const;
export type OptOutSource = (typeof OPT_OUT_SOURCES)[number];

export interface OptOut {
  /** Digits; the LID's digits of somebody whose number is not known. */
  phone: string;
  chatJid: string;
  lid: string | null;
  source: OptOutSource;
  /** What the person wrote. */
  keyword: string | null;
  /** The session that it was written to. */
  sessionId: string | null;
  createdAt: number;
  /** The one message that still goes there. */
  answerMessageId: string | null;
}

/** Upper and lower case, accents and everything that is neither letter nor digit make no difference. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The keyword that the text consists of; null: it says something else, or more. */
export function optOutKeyword(text: string, keywords: readonly string[]): string | null {
  const said = plain(text);
  if (said === '') return null;
  return keywords.find((keyword) => plain(keyword) === said) ?? null;
}
