/** A network as a CIDR block, and what it is for. */
export type SpecialNetwork = readonly [cidr: string, purpose: string];

/**
 * Networks in which no public server is found: the IANA registries of special-purpose addresses
 * (RFC 6890 and its updates), multicast, and addresses under which clouds serve their machines.
 * IPv6 needs no completeness here: outside of 2000::/3 nothing is public anyway.
 */
export const specialNetworks: readonly SpecialNetwork[] = [
  ['0.0.0.0/8', 'this network'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared with carriers (CGNAT)'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'host services of a cloud'],
  ['169.254.0.0/16', 'link-local, with the metadata services of clouds'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, with broadcast'],
  ['::/96', 'unspecified, loopback and IPv4-compatible'],
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['::ffff:0:0:0/96', 'IPv4-translated'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'NAT64 of a site'],
  ['100::/64', 'discard'],
  ['2001::/23', 'protocol assignments, with Teredo, ORCHID and benchmarks'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4'],
  ['3fff::/20', 'documentation'],
  ['5f00::/16', 'segment routing'],
  ['fc00::/7', 'unique-local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
  ['ff00::/8', 'multicast'],
];
