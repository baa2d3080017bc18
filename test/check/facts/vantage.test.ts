/** Tests the vantage: where the check runs from, and the lookups that may be made to find out. */
import { describe, expect, test } from 'vitest';
import { gatherPublicAddress, type PublicAddress } from '../../../src/check/facts/public-address.ts';
import { gatherVantage } from '../../../src/check/facts/vantage.ts';
import { createDnsClient } from '../../../src/network/dns/client.ts';
import { parseServer } from '../../../src/network/dns/servers.ts';
import { type IpAddress, type IpFamily, parseIp } from '../../../src/network/ip.ts';
import { checkIn } from '../../world/check.ts';
import { type DnsScript, startDns } from '../../world/dns.ts';
import { mailcheck, startWorld } from '../../world/world.ts';

function ip(text: string): IpAddress {
  const parsed = parseIp(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

const tested = ip('203.0.113.5');
const behindNat = [ip('127.0.0.1'), ip('10.0.0.4')];
/** In these tests the documentation addresses count as public. */
const special = (address: IpAddress): string | undefined => (address.startsWith('10.') ? 'private use' : undefined);

async function vantage(
  own: readonly IpAddress[],
  seen: string | null,
  { about = tested, override }: { about?: IpAddress; override?: 'self' | 'outside' } = {},
) {
  const asked: IpFamily[] = [];
  const publicAddress = async (family: IpFamily): Promise<PublicAddress> => {
    asked.push(family);
    return seen === null
      ? { address: null, name: 'whoami.test', reason: 'no answer' }
      : { address: ip(seen), name: 'whoami.test' };
  };
  return { ...(await gatherVantage(about, own, override, { publicAddress, special })), asked };
}

describe('vantage behind NAT', () => {
  test.each([
    ['the tested address', '203.0.113.5', 'self'],
    ['a neighbour', '203.0.113.77', 'same-network'],
    ['another address', '198.51.100.1', 'outside'],
    ['not found', null, 'unknown'],
  ])('the public address is %s (%s) → %s', async (_, seen, kind) => {
    const found = await vantage(behindNat, seen);
    expect(found).toMatchObject({ kind, asked: [4] });
    expect(found.reason).toContain(seen === null ? 'behind NAT' : 'whoami.test');
    if (seen !== null) expect(found.reason).toContain(seen);
  });

  test('an IPv6 address is looked up over IPv6, and its /64 is the same network', async () => {
    const about = ip('2001:db8::5');
    expect(await vantage(behindNat, '2001:db8::77', { about })).toMatchObject({ kind: 'same-network', asked: [6] });
    expect(await vantage(behindNat, '2001:db8:1::5', { about })).toMatchObject({ kind: 'outside', asked: [6] });
  });
});

describe('vantage without a lookup', () => {
  test.each([
    ['the machine has the tested address → self', [...behindNat, tested], {}, 'self'],
    ['the machine has a neighbouring address → same-network', [ip('203.0.113.9')], {}, 'same-network'],
    ['the tested address is private → unknown', [ip('127.0.0.1')], { about: ip('10.9.9.9') }, 'unknown'],
    ['the tested address is a loopback address → self', behindNat, { about: ip('127.0.0.9') }, 'self'],
    ['the user says that it is the host → self', behindNat, { override: 'self' as const }, 'self'],
    ['the user says that it is outside → outside', behindNat, { override: 'outside' as const }, 'outside'],
  ])('%s', async (_, own, options, kind) => {
    expect(await vantage(own, '203.0.113.5', options)).toMatchObject({ kind, asked: [] });
  });

  test('the machine has a public address', async () => {
    const found = await gatherVantage(tested, [ip('198.51.100.1')], undefined, {
      publicAddress: () => Promise.reject(new Error('asked')),
      special,
    });
    expect(found.kind).toBe('outside');
  });

  test('no name to ask is set', async () => {
    expect(await gatherVantage(tested, behindNat, undefined, { special })).toMatchObject({ kind: 'unknown' });
  });

  test('the tested address is a documentation address, by command line', async () => {
    const world = await startWorld({ dns: { zone: {} } });
    const rest = world.args.filter((word) => !['--vantage', 'outside'].includes(word));
    const args = ['example.com', '203.0.113.5', '--only', 'mx,open-relay', '--whoami-name', 'whoami.example.net'];
    await mailcheck([...args, '--timeout', '10', ...rest]);
    const names = world.dns.asked.map(({ name }) => name);
    await world.close();
    expect(names).toContain('example.com');
    expect(names.filter((name) => name.endsWith('example.net'))).toEqual([]);
  });
});

describe('public address by DNS name', () => {
  const servers = { 'example.net': { NS: ['ns1.example.net'] }, 'ns1.example.net': { A: ['127.0.0.1'] } };

  async function ask(zone: DnsScript['zone'], family: IpFamily = 4, allowPrivate = true) {
    const world = await startDns({ zone });
    const signal = new AbortController().signal;
    const dns = createDnsClient({ servers: [parseServer(world.server)], signal });
    const found = await gatherPublicAddress(dns, 'who.am.example.net', family, { allowPrivate, port: world.port });
    await world.close();
    return { found, asked: world.asked, log: dns.log };
  }

  test.each<[string, DnsScript['zone'], string | null]>([
    ['TXT', { 'who.am.example.net': { TXT: ['203.0.113.5'] } }, '203.0.113.5'],
    [
      'TXT with more beside it',
      { 'who.am.example.net': { TXT: ['edns0-client-subnet 192.0.2.0/24', '203.0.113.5'] } },
      '203.0.113.5',
    ],
    ['A', { 'who.am.example.net': { A: ['203.0.113.5'] } }, '203.0.113.5'],
    ['an address of the other family', { 'who.am.example.net': { TXT: ['2001:db8::5'] } }, null],
    ['a word', { 'who.am.example.net': { TXT: ['hello'] } }, null],
    ['SERVFAIL', { 'who.am.example.net': { NS: [], TXT: 'servfail', A: 'servfail' } }, null],
    ['no such name', {}, null],
  ])('the name answers with %s', async (_, zone, address) => {
    const { found, log } = await ask({ ...zone, ...servers });
    expect(found.address).toBe(address);
    expect(log.some(({ name, type }) => name === 'who.am.example.net' && type === 'TXT')).toBe(true);
  });

  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '0.0.0.0'])('a name server at %s is not asked', async (ip) => {
    const zone = { ...servers, 'ns1.example.net': { A: [ip] }, 'who.am.example.net': { TXT: ['203.0.113.5'] } };
    const { found, asked } = await ask(zone, 4, false);
    expect(found).toMatchObject({ address: null, reason: expect.stringContaining(`${ip}, which is not public`) });
    expect(asked.map(({ name }) => name)).not.toContain('who.am.example.net.');
    expect(asked.some(({ type }) => type === 'TXT')).toBe(false);
  });

  test('no address is found if its servers lack the family or are not found', async () => {
    expect((await ask({ 'who.am.example.net': { TXT: ['203.0.113.5'] }, ...servers }, 6)).found).toMatchObject({
      address: null,
      reason: 'its name servers have no IPv6 address',
    });
    expect((await ask({ 'example.net': 'servfail' })).found.address).toBeNull();
  });
});

test('vantage: the report has the kind and the reason', async () => {
  const report = await checkIn({ dns: { zone: {} }, rules: ['dns'], settings: { vantage: 'self' } });
  expect(report.vantage).toEqual({
    kind: 'self',
    reason: 'set by --vantage or --on-host',
    validates: null,
    obstacles: [],
  });
});
