/**
 * Everybody who exists on the simulated WhatsApp: phones (whose owner scans QR codes) and contacts alike are
 * accounts with a number, a LID, a name and devices. A number that is not in here does not exist.
 */
import { createHash } from 'node:crypto';
import { createSimulatedDevice, type Device, type LinkedDevice, type SimulatedDevice } from './devices.js';
import { parseAddress } from './address.js';
import { createOnlineSwitch, type OnlineSwitch } from './online.js';
import { noRestrictions, type Restrictions } from './restrictions.js';

/** What an account's devices do by themselves with a message that they could read. */
export interface ReceiptPolicy {
  delivered: boolean;
  read: boolean;
}

/** What a business shows of itself. */
export interface BusinessProfile {
  description: string;
  category?: string | undefined;
  email?: string | undefined;
  website?: string | undefined;
  address?: string | undefined;
  /** Opening hours; the days as clients write them. */
  hours?: { timezone: string | undefined; days: Record<string, string>[] } | undefined;
}

/** A picture on the media host. */
export interface ProfilePicture {
  id: string;
  url: string;
  directPath: string;
}

export type AccountKind = 'phone' | 'contact';

export interface Account {
  kind: AccountKind;
  /** Digits only. */
  number: string;
  /** Numbers that WhatsApp takes for this one when it is asked who is there, as with and without a ninth digit. */
  alsoNumbers: string[];
  /** User part of the LID; derived from the number, so that it is the same in every run. */
  lid: string;
  name: string;
  devices: Map<number, Device>;
  /** The highest device id ever given; ids are never used twice, or peers would meet old sessions. */
  lastDeviceId: number;
  /** Encrypted settings patches by collection, in order of their version. */
  appState: Map<string, Buffer[]>;
  /** Privacy settings that a client has changed, by category. */
  privacy: Map<string, string>;
  /** What a client has written about its owner; `at` in seconds since 1970. */
  about?: { text: string; at: number } | undefined;
  picture?: ProfilePicture | undefined;
  /** How long messages stay in new chats, as a client has set it; 0: for ever. */
  disappearing?: { seconds: number; at: number } | undefined;
  /** JIDs that a client has blocked. */
  blocked: Set<string>;
  restrictions: Restrictions;
  /** Whether the phone (and companions played by the simulator) has network. */
  online: OnlineSwitch;
  /** Numbers that have exchanged a message with this account. */
  acquaintances: Set<string>;
  business: BusinessProfile | undefined;
  policy: ReceiptPolicy;
}

export interface NewAccount {
  kind: AccountKind;
  number: string;
  name: string;
  alsoNumbers?: string[] | undefined;
  /** Companions beside the phone, all played by the simulator. */
  companions?: number;
  policy?: Partial<ReceiptPolicy>;
  business?: BusinessProfile | undefined;
}

export interface Directory {
  /** @throws when the number is taken. */
  add(account: NewAccount): Account;
  /** Puts back an account of an earlier run. */
  restore(account: Account): void;
  remove(number: string): boolean;
  byNumber(number: string): Account | undefined;
  /** The account that is meant by a number as people write it: its own, or another that stands for it. */
  meantBy(number: string): Account | undefined;
  /** The account behind a PN or LID address of any of its devices. */
  byJid(jid: string | undefined): Account | undefined;
  all(): Account[];
}

/** Fifteen digits that no phone number has, from the number. */
export function lidOf(number: string): string {
  const digest = createHash('sha256').update(`lid:${number}`).digest();
  return `1${String(digest.readBigUInt64BE() % 10n ** 14n).padStart(14, '0')}`;
}

export const linkedDevices = (account: Account): LinkedDevice[] =>
  [...account.devices.values()].filter((device) => device.kind === 'linked');

export const simulatedDevices = (account: Account): SimulatedDevice[] =>
  [...account.devices.values()].filter((device) => device.kind === 'simulated');

/** The device with id 0: the phone itself, always played by the simulator. */
export function phoneOf(account: Account): SimulatedDevice {
  const phone = account.devices.get(0);
  if (phone?.kind !== 'simulated') throw new Error(`account ${account.number} has no phone`);
  return phone;
}

/** The device id for a client that is being linked. */
export function takeDeviceId(account: Account): number {
  account.lastDeviceId += 1;
  return account.lastDeviceId;
}

/** Names one device for Signal sessions: the same whether it is addressed by number or by LID. */
export const signalPeer = (account: Account, device: number): string => `${account.lid}:${device}`;

/** An empty directory. */
export function createDirectory(): Directory {
  const accounts = new Map<string, Account>();
  const numbersByLid = new Map<string, string>();

  return {
    add(wanted) {
      if (accounts.has(wanted.number))
        throw new Error(`the number ${wanted.number} is in the directory already`);
      const lid = lidOf(wanted.number);
      const devices = new Map<number, Device>();
      for (let id = 0; id <= (wanted.companions ?? 0); id++) devices.set(id, createSimulatedDevice(id, lid));
      const account: Account = {
        kind: wanted.kind,
        number: wanted.number,
        alsoNumbers: wanted.alsoNumbers ?? [],
        lid,
        name: wanted.name,
        devices,
        lastDeviceId: wanted.companions ?? 0,
        appState: new Map(),
        privacy: new Map(),
        blocked: new Set(),
        restrictions: noRestrictions(),
        online: createOnlineSwitch(),
        acquaintances: new Set(),
        business: wanted.business,
        policy: { delivered: true, read: false, ...wanted.policy },
      };
      accounts.set(wanted.number, account);
      numbersByLid.set(lid, wanted.number);
      return account;
    },
    restore(account) {
      accounts.set(account.number, account);
      numbersByLid.set(account.lid, account.number);
    },
    remove(number) {
      const account = accounts.get(number);
      if (account) numbersByLid.delete(account.lid);
      return accounts.delete(number);
    },
    byNumber: (number) => accounts.get(number),
    meantBy: (number) =>
      accounts.get(number) ?? [...accounts.values()].find(({ alsoNumbers }) => alsoNumbers.includes(number)),
    byJid(jid) {
      const address = parseAddress(jid);
      if (address?.server === 's.whatsapp.net') return accounts.get(address.user);
      if (address?.server === 'lid') return accounts.get(numbersByLid.get(address.user) ?? '');
      return undefined;
    },
    all: () => [...accounts.values()],
  };
}
