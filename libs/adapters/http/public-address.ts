import { BlockList, isIP } from 'node:net';

/**
 * Which IP addresses belong to the public internet. IPv4 by deny table (IANA special-purpose registry and the
 * metadata services that live outside it); IPv6 by allowing only 2000::/3, which leaves out every mapped,
 * compatible, translated, NAT64, unique-local, link-local and multicast form at once, minus the special blocks
 * inside it. A deny table alone was measured to miss hostile spellings.
 */
const IPV4_SPECIAL: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's wire server: a public-looking address inside every virtual machine
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
];

const IPV6_SPECIAL: readonly (readonly [string, number])[] = [
  ['2001::', 23], // Teredo (embeds an IPv4 address), ORCHID, benchmarking and the other protocol assignments
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: embeds an IPv4 address
  ['2620:4f:8000::', 48],
  ['3ffe::', 16],
  ['3fff::', 20],
];

const ipv4Special = new BlockList();
for (const [net, bits] of IPV4_SPECIAL) ipv4Special.addSubnet(net, bits, 'ipv4');
const ipv6Special = new BlockList();
for (const [net, bits] of IPV6_SPECIAL) ipv6Special.addSubnet(net, bits, 'ipv6');
const ipv6Global = new BlockList();
ipv6Global.addSubnet('2000::', 3, 'ipv6');

/** True when `address` (an IPv4 or IPv6 literal without brackets) is one of the public internet. Anything else is false. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !ipv4Special.check(address, 'ipv4');
  if (family !== 6 || address.includes('%')) return false;
  return ipv6Global.check(address, 'ipv6') && !ipv6Special.check(address, 'ipv6') && !isIsatap(address);
}

/** RFC 5214: an interface identifier `0000:5efe` or `0200:5efe` embeds an IPv4 address, under any prefix. */
function isIsatap(address: string): boolean {
  const hextets = expand(address);
  return hextets[5] === 0x5efe && (hextets[4] === 0 || hextets[4] === 0x200);
}

/** The eight 16-bit groups of a valid IPv6 literal; the URL parser turns an embedded dotted tail into groups. */
function expand(address: string): readonly number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  if (tail === undefined) return left;
  const right = groups(tail);
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right];
}
