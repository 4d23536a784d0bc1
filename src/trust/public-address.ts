import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** What a name that leads elsewhere than the public internet is refused with. */
export class NotPublicError extends Error {}

/**
 * Looks a name up, once, and hands on what it looked at, so that the connection goes to no other address (DNS rebinding). One
 * address that is not public among others refuses the name.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, found: LookupAddress[] = []) => {
    if (error) return callback(error, '', 0);
    const [first] = found;
    if (!first || !found.every((item) => isPublic(item.address))) return callback(new NotPublicError(), '', 0);
    if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};

/**
 * Whether the host of a parsed URL may be on the public internet as far as its spelling tells. The parser has made one address
 * of its decimal, octal, hexadecimal, short and full-width spellings; dots at the end are left to us.
 */
export function mayBePublic(hostname: string): boolean {
  const labels = hostname.replace(/^\[|\]$/g, '').split('.');
  while (labels.at(-1) === '') labels.pop();
  const host = labels.join('.');
  return isIP(host) ? isPublic(host) : labels.length > 0 && labels.at(-1) !== 'localhost';
}

/**
 * Everything that is not the public internet: what the IANA registry of special-purpose addresses lists (RFC 6890), reachable
 * from outside or not, and multicast. The metadata addresses of the clouds are among them but for Azure's.
 */
const notPublic = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // The wire server of every Azure machine stands on a public address.
  ['168.63.129.16', 32],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4');
}

/** Global unicast is `2000::/3`; within it, these lead elsewhere: Teredo and other protocols, documentation, 6to4, AS112. */
const notPublic6 = new BlockList();
notPublic6.addSubnet('2001::', 23, 'ipv6');
notPublic6.addSubnet('2001:db8::', 32, 'ipv6');
notPublic6.addSubnet('2002::', 16, 'ipv6');
notPublic6.addSubnet('2620:4f:8000::', 48, 'ipv6');
notPublic6.addSubnet('3fff::', 20, 'ipv6');
const globalUnicast6 = new BlockList();
globalUnicast6.addSubnet('2000::', 3, 'ipv6');

/**
 * Whether an address literal is on the public internet. IPv4 within IPv6 (mapped, compatible, NAT64) is outside `2000::/3` and
 * refused whole; so is a scope id, which no public address has.
 */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !notPublic.check(address, 'ipv4');
  if (isIP(address) !== 6 || address.includes('%')) return false;
  return globalUnicast6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6');
}
