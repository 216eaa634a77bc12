/**
 * Whether a message asks not to be written to any more. Pure.
 */

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
