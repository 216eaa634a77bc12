/**
 * Reads what an unpaired client says of itself in its handshake payload.
 */
import { proto } from '@whiskeysockets/baileys';
import { verify, withKeyType } from '../signal/curve.js';
import type { DeviceRegistration } from '../directory/devices.js';
import type { ClientHandshake } from '../wire/channel.js';

const readNumber = (bytes: Uint8Array): number => Buffer.from(bytes).readUIntBE(0, bytes.length);

const platformName = (deviceProps: Uint8Array): string => {
  const { os, platformType } = proto.DeviceProps.decode(deviceProps);
  const kind = proto.DeviceProps.PlatformType[platformType ?? 0];
  return `${os ?? 'unknown'} (${kind})`;
};

/** The keys of a client that wants to be paired, or the reason why they are no good. */
export function readRegistration({
  payload,
  staticKey,
}: ClientHandshake): DeviceRegistration | { reason: string } {
  const data = payload.devicePairingData;
  const { eRegid, eIdent, eSkeyId, eSkeyVal, eSkeySig, deviceProps } = data ?? {};
  if (eRegid?.length !== 4 || eIdent?.length !== 32 || eSkeyId?.length !== 3 || eSkeyVal?.length !== 32) {
    return { reason: 'the registration lacks an identity, a registration id or a signed prekey' };
  }
  if (!eSkeySig || !verify(eIdent, withKeyType(eSkeyVal), eSkeySig)) {
    return { reason: 'the signed prekey of the registration is not signed by its identity' };
  }
  return {
    noiseKey: staticKey,
    identity: Buffer.from(eIdent),
    registrationId: readNumber(eRegid),
    signedPreKey: {
      id: readNumber(eSkeyId),
      public: Buffer.from(eSkeyVal),
      signature: Buffer.from(eSkeySig),
    },
    platform: deviceProps ? platformName(deviceProps) : 'unknown',
  };
}
