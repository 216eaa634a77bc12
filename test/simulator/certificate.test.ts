/**
 * A client whose certificate check works (rc14's own does not) needs the simulator's root key, and accepts it.
 */
import { Curve, WA_CERT_DETAILS } from '@whiskeysockets/baileys';
import { verify } from '../../gateway/src/simulator/signal/curve.js';
import { openStage, type Stage } from './support/stage.js';
import { opened, shownQr } from './support/client.js';

let stage: Stage;
const original = { verify: Curve.verify, root: WA_CERT_DETAILS.PUBLIC_KEY };
beforeAll(async () => {
  stage = await openStage();
  Curve.verify = (key, message, signature) => verify(key, Buffer.from(message), signature);
});
afterAll(async () => {
  Curve.verify = original.verify;
  WA_CERT_DETAILS.PUBLIC_KEY = original.root;
  await stage.close();
});

test("with WhatsApp's own root the client refuses the simulator", async () => {
  WA_CERT_DETAILS.PUBLIC_KEY = original.root;
  expect(await stage.client().closed()).toBe(400);
});

test("with the simulator's root it pairs and logs in, and its account signature check passes too", async () => {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(stage.simulator.rootKeyHex, 'hex');
  const number = await stage.phone();
  const client = stage.client();
  await stage.control.scan(number, await shownQr(client));
  expect(await client.closed()).toBe(515);
  await opened(stage.client(client.auth));
});
