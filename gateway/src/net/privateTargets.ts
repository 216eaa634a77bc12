/**
 * The operator's list of private targets (SLUICE_PRIVATE_TARGETS): hosts, `host:port` and CIDRs that webhooks and media
 * links may reach although they are not public. Pure; config checks the list with it, the target guard asks it.
 */
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface PrivateTargets {
  /** Whether the list names the host itself, as it stands in the URL. */
  allowsHost(host: string, port: number): boolean;
  /** Whether the list names the IP address, or a range around it. */
  allowsAddress(address: string, port: number): boolean;
}

interface HostRule {
  host: string;
  /** Null: every port. */
  port: number | null;
}

interface AddressRule {
  address: Address;
  prefix: number;
  port: number | null;
}

const HOST_NAME = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

function malformed(entry: string, problem: string): Error {
  return new Error(
    `SLUICE_PRIVATE_TARGETS: "${entry}" ${problem}. Write a host (n8n), a host with port (n8n:5678, [::1]:5678) or a range (10.0.0.0/8), separated by commas.`,
  );
}

/** The address that the text plainly is; null for names and for short, octal and decimal spellings. */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return ipaddr.IPv6.isValid(text) && !text.includes('%') ? ipaddr.IPv6.parse(text) : null;
}

/** Lower case, without brackets and the dot that ends a fully qualified name. */
export const plainHost = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

function parseRange(entry: string): AddressRule {
  const [base = '', bits = '', ...more] = entry.split('/');
  const address = parseAddress(plainHost(base));
  const prefix = Number(bits);
  if (!address || more.length > 0 || !/^\d{1,3}$/.test(bits))
    throw malformed(entry, 'is not a range of addresses');
  if (prefix > address.toByteArray().length * 8)
    throw malformed(entry, 'has a prefix longer than the address');
  return { address, prefix, port: null };
}

function splitPort(entry: string): { host: string; port: number | null } {
  const bracketed = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry);
  if (bracketed) return { host: bracketed[1] ?? '', port: parsePort(entry, bracketed[2]) };
  const parts = entry.split(':');
  // More than one colon without brackets is an IPv6 address, which can have no port in this form.
  if (parts.length !== 2) return { host: entry, port: null };
  return { host: parts[0] ?? '', port: parsePort(entry, parts[1]) };
}

function parsePort(entry: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535)
    throw malformed(entry, 'has no valid port after the colon');
  return port;
}

function parseEntry(entry: string): HostRule | AddressRule {
  if (entry.includes('://')) throw malformed(entry, 'is a URL, not a host');
  if (entry.includes('/')) return parseRange(entry);
  const { host, port } = splitPort(entry);
  const address = parseAddress(host);
  if (address) return { address, prefix: address.toByteArray().length * 8, port };
  const name = plainHost(host);
  if (/^[\d.]+$/.test(name) || /^0x/.test(name)) throw malformed(entry, 'is not a complete IP address');
  if (!HOST_NAME.test(name)) throw malformed(entry, 'is not a host');
  return { host: name, port };
}

const fits = (rule: { port: number | null }, port: number): boolean =>
  rule.port === null || rule.port === port;

/** Reads the list; empty text allows nothing private. @throws Error that names the malformed entry */
export function parsePrivateTargets(text: string): PrivateTargets {
  const hosts: HostRule[] = [];
  const addresses: AddressRule[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const rule = parseEntry(entry);
    if ('host' in rule) hosts.push(rule);
    else addresses.push(rule);
  }
  return {
    allowsHost: (host, port) => hosts.some((rule) => rule.host === plainHost(host) && fits(rule, port)),
    allowsAddress(text, port) {
      const address = parseAddress(plainHost(text));
      return address !== null && addresses.some((rule) => fits(rule, port) && isWithin(address, rule));
    },
  };
}

/** Kinds are not mixed: an IPv4 range says nothing of the IPv6 addresses that carry its members. */
const isWithin = (address: Address, rule: AddressRule): boolean =>
  address.kind() === rule.address.kind() && address.match(rule.address, rule.prefix);
