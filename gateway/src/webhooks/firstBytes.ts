/**
 * Reads the beginning of an answer's body for the record of attempts, and no more: a receiver may answer gigabytes,
 * or never end.
 */

const FIRST_BYTES = 1_024;

/**
 * The first 1,024 bytes as text that any database takes; null for an empty body. The status has been received by now
 * and decides, so a body that breaks off, or is still unfinished when the request is aborted, is no error.
 */
export async function readFirstBytes(body: AsyncIterable<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      // Leaving the body before its end gives the connection up, which is meant: the rest may be endless.
      if (sizeBytes >= FIRST_BYTES) break;
    }
  } catch {
    // The connection broke: what came until then is all there is.
  }
  return sizeBytes === 0 ? null : toText(Buffer.concat(chunks).subarray(0, FIRST_BYTES));
}

/** Without NUL, which Postgres refuses in text; bytes that are no UTF-8 become replacement characters. */
const toText = (bytes: Buffer): string => bytes.toString('utf8').replaceAll('\u0000', '\ufffd');
