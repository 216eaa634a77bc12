/**
 * Reads a multipart/form-data body that is whole in memory into its parts (RFC 7578, framing of RFC 2046 section 5.1).
 * Used by http/upload, which limits the size. Knows nothing of requests.
 */

export interface Part {
  name: string;
  /** Undefined: a plain field, not a file. */
  filename: string | undefined;
  mimeType: string | undefined;
  data: Buffer;
}

const LINE_END = '\r\n';
const HEADER_END = '\r\n\r\n';

/** The boundary named in a Content-Type; null when there is none that fits. */
export function boundaryOf(contentType: string): string | null {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2] ?? null;
}

/** A quoted parameter of Content-Disposition; browsers write quotes and line ends in it as %22, %0D and %0A. */
function parameter(disposition: string, name: string): string | undefined {
  const value = new RegExp(`;\\s*${name}="([^"]*)"`, 'i').exec(disposition)?.[1];
  return value?.replace(/%22/g, '"').replace(/%0[DA]/gi, '');
}

function toPart(head: string, data: Buffer): Part | null {
  const headers = new Map<string, string>();
  for (const line of head.split(LINE_END)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get('content-disposition') ?? '';
  const name = parameter(disposition, 'name');
  if (name === undefined) return null;
  return { name, filename: parameter(disposition, 'filename'), mimeType: headers.get('content-type'), data };
}

/** The parts in their order; null when the body is not a whole form with this boundary. */
export function parseMultipart(body: Buffer, boundary: string): Part[] | null {
  const delimiter = Buffer.from(`${LINE_END}--${boundary}`);
  // The first delimiter has no line end before it; with one put there, all are alike.
  const text = Buffer.concat([Buffer.from(LINE_END), body]);
  const parts: Part[] = [];
  let at = text.indexOf(delimiter);
  while (at >= 0) {
    const after = at + delimiter.length;
    if (text.toString('latin1', after, after + 2) === '--') return parts;
    const headEnd = text.indexOf(HEADER_END, after);
    const next = headEnd < 0 ? -1 : text.indexOf(delimiter, headEnd + 2);
    if (next < 0) return null;
    const head = text.toString('utf8', after + LINE_END.length, headEnd);
    const part = toPart(head, text.subarray(headEnd + HEADER_END.length, next));
    if (!part) return null;
    parts.push(part);
    at = next;
  }
  return null;
}
