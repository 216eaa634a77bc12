/**
 * The phone numbers on a contact card (vCard 2.1 to 4.0, as phones write it). Pure.
 */
const MIN_DIGITS = 5;

/** Digits of each number, WhatsApp's own form of it (`waid`) where the card has one; none twice. */
export function phonesOf(vcard: string | null | undefined): string[] {
  // A long line goes on in the next one, which then begins with a space.
  const lines = (vcard ?? '').replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const phones = lines.flatMap((line) => {
    const match = /^(?:[\w-]+\.)?TEL(;[^:]*)?:(.*)$/i.exec(line);
    if (!match) return [];
    const waId = /waid=(\d+)/i.exec(match[1] ?? '')?.[1];
    return [waId ?? (match[2] ?? '').replace(/\D/g, '')];
  });
  return [...new Set(phones.filter((phone) => phone.length >= MIN_DIGITS))];
}
