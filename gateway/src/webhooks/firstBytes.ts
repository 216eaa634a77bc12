/**
 * Reads the beginning of an answer's body for the record of attempts, and no more: a receiver may answer gigabytes,
 * or never end.
 */

const FIRST_BYTES = 1_024;

/**
 * The first 1,024 bytes as text that any database takes; null for an empty body. The status has been received by now
 * and decides, so a body that breaks off, or is still unfinished when the request is aborted, is no error.
 */
export async function readFirstBytes(response: Response): Promise<string | null> {
  if (response.body === null) return null;
  const reader = response.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    while (sizeBytes < FIRST_BYTES) {
      const { value, done } = await reader.read();
      if (done) break;
      chunks.push(value);
      sizeBytes += value.length;
    }
  } catch {
    // The connection broke: what came until then is all there is.
  }
  // Reading less than all of a body gives the connection up, which is meant: the rest may be endless.
  await reader.cancel().catch(() => undefined);
  return sizeBytes === 0 ? null : toText(Buffer.concat(chunks).subarray(0, FIRST_BYTES));
}

/** Without NUL, which Postgres refuses in text; bytes that are no UTF-8 become replacement characters. */
const toText = (bytes: Buffer): string => bytes.toString('utf8').replaceAll('\u0000', '\ufffd');
