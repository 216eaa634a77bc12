/**
 * A question that only the server itself can answer, to learn whether it still does. Used by `session` for its liveness.
 */
import { S_WHATSAPP_NET, type WASocket } from '@whiskeysockets/baileys';

/** Asks once; false when there is no answer within `answerMs`. */
export function createProbe(client: Pick<WASocket, 'query' | 'generateMessageTag'>, answerMs: number) {
  return async function probe(): Promise<boolean> {
    try {
      const attrs = { id: client.generateMessageTag(), to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' };
      // rc14 resolves with undefined when the time is up.
      const answer = (await client.query(
        { tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] },
        answerMs,
      )) as unknown;
      return answer !== undefined;
    } catch {
      return false;
    }
  };
}
