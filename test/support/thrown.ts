/**
 * What a call throws, for comparing the code of a GatewayError.
 */
import { GatewayError } from '../../gateway/src/domain/error.js';

/** The GatewayError's code and message, or `nothing`; any other error is passed on. */
export function thrown(call: () => unknown): { code: string; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof GatewayError) return { code: error.code, message: error.message };
    throw error;
  }
  return { code: 'nothing', message: '' };
}
