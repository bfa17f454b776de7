import * as fc from 'fast-check';
import { AddressGuard, type HostVerdict } from './address-guard.js';
import type { LookUp } from './name-resolver.js';
import { specialNetworks } from './special-networks.js';

/** The bits of an address and how many there are, written anew without the code under test. */
const bitsOf = (address: string): { readonly value: bigint; readonly size: number } => {
  if (!address.includes(':'))
    return {
      value: address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n),
      size: 32,
    };
  const [left = '', right = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(left).length - groups(right).length;
  const all = [...groups(left), ...Array.from({ length: missing }, () => '0'), ...groups(right)];
  return {
    value: all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n),
    size: 128,
  };
};

const textOf = (value: bigint, size: number): string =>
  size === 32
    ? [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 0xffn)).join('.')
    : [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n]
        .map((shift) => ((value >> shift) & 0xffffn).toString(16))
        .join(':');

/** Any address of a CIDR block. */
const addressIn = (cidr: string): fc.Arbitrary<string> => {
  const [network = '', prefix = ''] = cidr.split('/');
  const { value, size } = bitsOf(network);
  return fc
    .bigInt({ min: 0n, max: (1n << BigInt(size - Number(prefix))) - 1n })
    .map((host) => textOf(value | host, size));
};

/** As a URL writes an IPv4 address mapped into IPv6. */
const mapped = (address: string): string => {
  const { value } = bitsOf(address);
  return `::ffff:${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
};

describe('an address guard', () => {
  const guard = new AddressGuard();

  it.each(specialNetworks)('permits nothing in %s (%s)', (cidr) => {
    fc.assert(
      fc.property(addressIn(cidr), (address) => {
        expect(guard.permits(address)).toBe(false);
      }),
    );
  });

  it('permits nothing of IPv6 outside of the public range, and no IPv4 inside IPv6', () => {
    fc.assert(
      fc.property(addressIn('::/0'), (address) => {
        if (!/^[23]/.test(address) || bitsOf(address).value >> 125n !== 1n)
          expect(guard.permits(address)).toBe(false);
      }),
    );
    fc.assert(
      fc.property(addressIn('0.0.0.0/0'), (address) => {
        expect(guard.permits(mapped(address))).toBe(false);
        expect(guard.permits(`::ffff:${address}`)).toBe(false);
      }),
    );
  });

  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:81b::200e',
    '2003::1',
    '2001:200::1',
  ])('permits the public address %s', (address) => {
    expect(guard.permits(address)).toBe(true);
  });

  it.each(['', 'localhost', '127.1', '8.8.8.8.', ' 8.8.8.8', '[2606:4700::1]', '8.8.8', '::g'])(
    'permits no text that is no address: "%s"',
    (text) => {
      expect(guard.permits(text)).toBe(false);
    },
  );

  it('is not misled by the zone of an address', () => {
    expect(guard.permits('fe80::1%eth0')).toBe(false);
    expect(new AddressGuard(['fe80::/10']).permits('fe80::1%eth0')).toBe(true);
  });

  it('permits what lies in an allowed network, and its mapped form, and nothing else more', () => {
    const inside = new AddressGuard(['10.1.0.0/16', 'fd00:1::/32']);
    fc.assert(
      fc.property(addressIn('10.1.0.0/16'), addressIn('fd00:1::/32'), (v4, v6) => {
        expect([v4, mapped(v4), v6].map((address) => inside.permits(address))).toEqual([
          true,
          true,
          true,
        ]);
      }),
    );
    expect(inside.permits('10.2.0.1')).toBe(false);
    expect(inside.permits('::10.1.0.1')).toBe(false);
    expect(inside.permits('64:ff9b::10.1.0.1')).toBe(false);
    expect(inside.permits('fd00:2::1')).toBe(false);
    expect(inside.permits('8.8.8.8')).toBe(true);
  });

  it('permits no IPv4 address because mapped ones are allowed', () => {
    const inside = new AddressGuard(['::ffff:0:0/96']);
    expect(inside.permits('::ffff:127.0.0.1')).toBe(true);
    expect(inside.permits('127.0.0.1')).toBe(false);
  });

  it.each(['10.0.0.0', '10.0.0/8', 'ten/8', '10.0.0.0/33', '::/129', '10.0.0.0/', ''])(
    'cannot be made with "%s", which is no CIDR block',
    (cidr) => {
      expect(() => new AddressGuard([cidr])).toThrow(/CIDR|out of range/);
    },
  );
});

describe('judging the host of a URL', () => {
  const guard = new AddressGuard(['192.168.7.0/24']);

  it.each<[string, HostVerdict]>([
    ['http://127.0.0.1/', 'forbidden'],
    ['http://127.0.0.1./', 'forbidden'],
    ['http://2130706433/', 'forbidden'],
    ['http://0x7f000001:8080/', 'forbidden'],
    ['http://0X7F.1/', 'forbidden'],
    ['http://017700000001/', 'forbidden'],
    ['http://0177.0.0.01/', 'forbidden'],
    ['http://127.1/', 'forbidden'],
    ['http://10.65793/', 'forbidden'],
    ['http://0/', 'forbidden'],
    ['http://%31%30.0.0.1/', 'forbidden'],
    ['http://１０.０.０.１/', 'forbidden'],
    ['http://①⑥⑨。②⑤④。①⑥⑨。②⑤④/', 'forbidden'],
    ['http://public.example@169.254.169.254/', 'forbidden'],
    ['http://169.254.169.254:80#@public.example', 'forbidden'],
    ['http://169.254.169.254\\@public.example', 'forbidden'],
    ['http://2852039166/latest/meta-data/', 'forbidden'],
    ['http://255.255.255.255/', 'forbidden'],
    ['http://[::1]/', 'forbidden'],
    ['http://[::]/', 'forbidden'],
    ['http://[0:0:0:0:0:FFFF:7F00:1]/', 'forbidden'],
    ['http://[::ffff:169.254.169.254]/', 'forbidden'],
    ['http://[::169.254.169.254]/', 'forbidden'],
    ['http://[::ffff:0:10.0.0.1]/', 'forbidden'],
    ['http://[64:ff9b::a9fe:a9fe]/', 'forbidden'],
    ['http://[64:ff9b:1::10.0.0.1]/', 'forbidden'],
    ['http://[2002:a9fe:a9fe::]/', 'forbidden'],
    ['http://[2001:0:1::1]/', 'forbidden'],
    ['http://[FD00:EC2::254]/', 'forbidden'],
    ['http://[fe80::1]/', 'forbidden'],
    ['http://[fec0::1]/', 'forbidden'],
    ['http://[ff02::1]/', 'forbidden'],
    ['http://[2001:db8::1]/', 'forbidden'],
    ['http://[100::1]/', 'forbidden'],
    ['http://168.63.129.16/', 'forbidden'],
    ['http://8.8.8.8/', 'permitted'],
    ['http://134744072/', 'permitted'],
    ['http://[2606:4700:4700::1111]:443/', 'permitted'],
    ['http://192.168.7.9/', 'permitted'],
    ['http://3232237321/', 'permitted'],
    ['http://[::ffff:c0a8:709]/', 'permitted'],
    ['http://192.168.8.9/', 'forbidden'],
    ['http://localhost/', 'name'],
    ['http://LOCALHOST./', 'name'],
    ['http://127.0.0.1.nip.io/', 'name'],
    ['http://bücher.example/', 'name'],
  ])('%s is %s', (url, verdict) => {
    expect(guard.judgeHost(new URL(url).hostname)).toBe(verdict);
  });
});

describe('resolving a name', () => {
  /** A guard with a resolver that counts how often it is asked. */
  const guarded = (answer: LookUp) => {
    const asked: string[] = [];
    const guard = new AddressGuard(['10.0.0.0/8'], (name) => {
      asked.push(name);
      return answer(name);
    });
    return { asked, guard };
  };

  it('judges each of its addresses', async () => {
    const addresses = ['8.8.8.8', '127.0.0.1', '10.0.0.1', '::1', '2606:4700::1'];
    const { guard } = guarded(async () => addresses.map((address) => ({ address })));
    expect(await guard.resolve('hooks.test')).toEqual([
      { address: '8.8.8.8', family: 4, permitted: true },
      { address: '127.0.0.1', family: 4, permitted: false },
      { address: '10.0.0.1', family: 4, permitted: true },
      { address: '::1', family: 6, permitted: false },
      { address: '2606:4700::1', family: 6, permitted: true },
    ]);
  });

  it('asks once for all who ask at the same time, and again for who asks later', async () => {
    const { guard, asked } = guarded(async () => [{ address: '8.8.8.8' }]);
    await Promise.all([guard.resolve('a.test'), guard.resolve('b.test'), guard.resolve('a.test')]);
    expect(asked).toEqual(['a.test', 'b.test']);
    await guard.resolve('a.test');
    expect(asked).toEqual(['a.test', 'b.test', 'a.test']);
  });

  it("fails with the resolver's error, and asks again the next time", async () => {
    const failure = Object.assign(new Error('none'), { code: 'ENOTFOUND' });
    const { guard, asked } = guarded(() => Promise.reject(failure));
    await expect(guard.resolve('hooks.test')).rejects.toBe(failure);
    await expect(guard.resolve('hooks.test')).rejects.toBe(failure);
    expect(asked).toHaveLength(2);
  });

  it('takes a literal for its own address, and asks the system for names', async () => {
    const guard = new AddressGuard();
    expect(await guard.resolve('[::1]')).toEqual([{ address: '::1', family: 6, permitted: false }]);
    const localhost = await guard.resolve('localhost');
    expect(localhost.map(({ permitted }) => permitted)).not.toContain(true);
    expect(localhost.length).toBeGreaterThan(0);
  });
});
