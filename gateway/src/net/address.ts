/**
 * Which IP addresses are public. Pure; used by the target guard for every address that a request would connect to.
 * It decides by what is known to be public, never by a list of what is private, so a new special range is refused.
 */
import ipaddr from 'ipaddr.js';

/** Global unicast, RFC 4291 2.4: whatever else an IPv6 address can be is not on the public internet. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** Public by its range, but answered by the cloud's own host with credentials (Azure's WireServer). */
const METADATA = new Set(['168.63.129.16']);

/**
 * Whether the address is one that anybody on the internet could reach. False for private, loopback, link-local,
 * carrier-grade NAT, multicast and reserved ranges, for every IPv6 form that carries an IPv4 address (mapped,
 * compatible, NAT64, 6to4, Teredo), and for text that is not a plain IP address.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) {
    return ipaddr.IPv4.parse(address).range() === 'unicast' && !METADATA.has(address);
  }
  if (!ipaddr.IPv6.isValid(address)) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_IPV6);
}
