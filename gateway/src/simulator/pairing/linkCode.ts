/**
 * Pairing by code: the client shows eight characters, the phone's owner types them. Both wrap a fresh key with the code;
 * only the right code lets the client's answer be opened. Formats as in Baileys' `requestPairingCode`.
 */
import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { parseAddress } from '../directory/address.js';
import { phoneOf, type Account } from '../directory/directory.js';
import { agree, generateKeyPair } from '../signal/curve.js';
import { type BinaryNode, childBytes, childOf, node, SERVER_JID, stanzaTime } from '../wire/nodes.js';
import type { WaitingClient } from './pairing.js';

const derive = promisify(pbkdf2);
const ITERATIONS = 131_072;
const SALT = 32;
const CTR_IV = 16;
const GCM_IV = 12;
const TAG = 16;
const TAG_NAME = 'link_code_companion_reg';
const FINISH_TIMEOUT_MS = 10_000;

/** What a client that shows a code has told the server. */
export interface CodeRequest {
  number: string;
  ref: Buffer;
  wrappedKey: Buffer;
  /** Called with the client's last message of the exchange. */
  onFinish: ((finish: BinaryNode) => void) | undefined;
}

const codeKey = (code: string, salt: Buffer): Promise<Buffer> => derive(code, salt, ITERATIONS, 32, 'sha256');

async function wrap(code: string, publicKey: Buffer): Promise<Buffer> {
  const salt = randomBytes(SALT);
  const iv = randomBytes(CTR_IV);
  const cipher = createCipheriv('aes-256-ctr', await codeKey(code, salt), iv);
  return Buffer.concat([salt, iv, cipher.update(publicKey), cipher.final()]);
}

async function unwrap(code: string, wrapped: Buffer): Promise<Buffer> {
  const salt = wrapped.subarray(0, SALT);
  const iv = wrapped.subarray(SALT, SALT + CTR_IV);
  const decipher = createDecipheriv('aes-256-ctr', await codeKey(code, salt), iv);
  return Buffer.concat([decipher.update(wrapped.subarray(SALT + CTR_IV)), decipher.final()]);
}

/** Opens the client's key bundle. @throws when it was made with another code. */
function openBundle(bundle: Buffer, shared: Buffer): Buffer {
  const salt = bundle.subarray(0, SALT);
  const key = Buffer.from(
    hkdfSync('sha256', shared, salt, 'link_code_pairing_key_bundle_encryption_key', 32),
  );
  const decipher = createDecipheriv('aes-256-gcm', key, bundle.subarray(SALT, SALT + GCM_IV));
  decipher.setAuthTag(bundle.subarray(-TAG));
  return Buffer.concat([decipher.update(bundle.subarray(SALT + GCM_IV, -TAG)), decipher.final()]);
}

/** Takes the client's side of the exchange; false when the query is about something else. */
export function takeCodeQuery(client: WaitingClient, iq: BinaryNode): boolean {
  const request = childOf(iq, TAG_NAME);
  if (!request) return false;
  const answer = { id: iq.attrs.id, from: SERVER_JID, type: 'result' };
  if (request.attrs.stage !== 'companion_hello') {
    client.connection.send(node('iq', answer));
    client.codeRequest?.onFinish?.(request);
    return true;
  }
  const ref = Buffer.from(randomBytes(32).toString('base64'));
  const wrappedKey =
    childBytes(request, 'link_code_pairing_wrapped_companion_ephemeral_pub') ?? Buffer.alloc(0);
  const number = parseAddress(request.attrs.jid)?.user ?? '';
  client.codeRequest = { number, ref, wrappedKey, onFinish: undefined };
  const child = node(TAG_NAME, { stage: 'companion_hello' }, [node('link_code_pairing_ref', {}, ref)]);
  client.connection.send(node('iq', answer, [child]));
  return true;
}

function primaryHello(request: CodeRequest, wrapped: Buffer, identity: Buffer): BinaryNode {
  const attrs = { type: TAG_NAME, from: SERVER_JID, id: randomBytes(8).toString('hex'), t: stanzaTime() };
  const content = [
    node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrapped),
    node('primary_identity_pub', {}, identity),
    node('link_code_pairing_ref', {}, request.ref),
  ];
  return node('notification', attrs, [node(TAG_NAME, { stage: 'primary_hello' }, content)]);
}

/** The client's last message, or undefined when it does not come. */
const waitForFinish = (request: CodeRequest): Promise<BinaryNode | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), FINISH_TIMEOUT_MS);
    request.onFinish = (finish) => {
      clearTimeout(timer);
      resolve(finish);
    };
  });

/** The phone's side: the secret for the papers, or why there is none. */
export async function exchangeByCode(
  client: WaitingClient & { codeRequest: CodeRequest },
  account: Account,
  code: string,
): Promise<{ advSecret: Buffer } | { refused: 'wrong_code' | 'no_answer' }> {
  const { codeRequest: request, registration } = client;
  const { identity } = phoneOf(account).signal;
  const ephemeral = generateKeyPair();
  const companionKey = await unwrap(code, request.wrappedKey);
  const wrapped = await wrap(code, ephemeral.public);
  const finishing = waitForFinish(request);
  client.connection.send(primaryHello(request, wrapped, identity.public));
  const finish = await finishing;
  const bundle = finish && childBytes(finish, 'link_code_pairing_wrapped_key_bundle');
  if (!bundle) return { refused: 'no_answer' };
  const shared = agree(ephemeral.private, companionKey);
  let opened: Buffer;
  try {
    opened = openBundle(bundle, shared);
  } catch {
    return { refused: 'wrong_code' };
  }
  const isOurs =
    registration.identity.equals(opened.subarray(0, 32)) && identity.public.equals(opened.subarray(32, 64));
  if (!isOurs) return { refused: 'wrong_code' };
  const material = Buffer.concat([
    shared,
    agree(identity.private, registration.identity),
    opened.subarray(64, 96),
  ]);
  return { advSecret: Buffer.from(hkdfSync('sha256', material, Buffer.alloc(0), 'adv_secret', 32)) };
}
