/**
 * Mentions in groups: `@Name` as it is typed becomes the address that the message carries. Pure; used by composer.ts.
 */
export interface Member {
  number: string;
  name: string;
}

/** The text with numbers in the place of names, and the numbers; the longest name wins where one begins like another. */
export function withMentions(text: string, members: Member[]): { text: string; mentions: string[] } {
  const byLength = [...members].sort((a, b) => b.name.length - a.name.length);
  const mentions: string[] = [];
  let rest = text;
  for (const { name, number } of byLength) {
    if (!rest.includes(`@${name}`)) continue;
    rest = rest.replaceAll(`@${name}`, `@${number}`);
    mentions.push(number);
  }
  return { text: rest, mentions };
}
