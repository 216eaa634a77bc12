/**
 * Names of files as strangers give them, made fit for headers, disks and WhatsApp. Pure.
 */

/** The file's name without folders and control characters; it goes into headers and to WhatsApp. */
export function plainFilename(name: string | null | undefined): string | null {
  const plain = (name ?? '')
    .replace(/^.*[/\\]/, '')
    .replace(/\p{Cc}/gu, '')
    .trim()
    .slice(0, 200);
  return plain === '' || plain === '.' || plain === '..' ? null : plain;
}
