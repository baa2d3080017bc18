/** Where the check is run from: a fact that several rules go by, and what may be asked to learn it. */
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
/** The documentation addresses of these tests stand for public ones. */
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

describe('behind NAT', () => {
  test.each([
    ['the tested address', '203.0.113.5', 'self'],
    ['a neighbour', '203.0.113.77', 'same-network'],
    ['another address', '198.51.100.1', 'outside'],
    ['nothing', null, 'unknown'],
  ])('seen from outside as %s', async (_, seen, kind) => {
    const found = await vantage(behindNat, seen);
    expect(found).toMatchObject({ kind, asked: [4] });
    expect(found.reason).toContain('whoami.test');
    if (seen !== null) expect(found.reason).toContain(seen);
  });

  test('IPv6 is asked about over IPv6, and a neighbour shares its /64', async () => {
    const about = ip('2001:db8::5');
    expect(await vantage(behindNat, '2001:db8::77', { about })).toMatchObject({ kind: 'same-network', asked: [6] });
    expect(await vantage(behindNat, '2001:db8:1::5', { about })).toMatchObject({ kind: 'outside', asked: [6] });
  });
});

describe('nothing is asked', () => {
  test.each([
    ['where the machine has the tested address', [...behindNat, tested], {}, 'self'],
    ['where it has a neighbouring one', [ip('203.0.113.9')], {}, 'same-network'],
    ['where the tested address is private', [ip('127.0.0.1')], { about: ip('10.9.9.9') }, 'unknown'],
    ['where the tested address is loopback', behindNat, { about: ip('127.0.0.9') }, 'self'],
    ['where the user has said', behindNat, { override: 'self' as const }, 'self'],
    ['where the user has said otherwise', behindNat, { override: 'outside' as const }, 'outside'],
  ])('%s', async (_, own, options, kind) => {
    expect(await vantage(own, '203.0.113.5', options)).toMatchObject({ kind, asked: [] });
  });

  test('where the machine has a public address of its own', async () => {
    const found = await gatherVantage(tested, [ip('198.51.100.1')], undefined, {
      publicAddress: () => Promise.reject(new Error('asked')),
      special,
    });
    expect(found.kind).toBe('outside');
  });

  test('without a name to ask for', async () => {
    expect(await gatherVantage(tested, behindNat, undefined, { special })).toMatchObject({ kind: 'unknown' });
  });

  test('of documentation addresses, by the whole command line', async () => {
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

describe('the name that tells', () => {
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
  ])('answers with %s', async (_, zone, address) => {
    const { found, log } = await ask({ ...zone, ...servers });
    expect(found.address).toBe(address);
    expect(log.some(({ name, type }) => name === 'who.am.example.net' && type === 'TXT')).toBe(true);
  });

  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '0.0.0.0'])('its servers are not asked at %s', async (ip) => {
    const zone = { ...servers, 'ns1.example.net': { A: [ip] }, 'who.am.example.net': { TXT: ['203.0.113.5'] } };
    const { found, asked } = await ask(zone, 4, false);
    expect(found).toMatchObject({ address: null, reason: expect.stringContaining(`${ip}, which is not public`) });
    expect(asked.map(({ name }) => name)).not.toContain('who.am.example.net.');
    expect(asked.some(({ type }) => type === 'TXT')).toBe(false);
  });

  test('its servers have no address of the family, or there are none', async () => {
    expect((await ask({ 'who.am.example.net': { TXT: ['203.0.113.5'] }, ...servers }, 6)).found).toMatchObject({
      address: null,
      reason: 'its name servers have no IPv6 address',
    });
    expect((await ask({ 'example.net': 'servfail' })).found.address).toBeNull();
  });
});

test('the header says what was concluded, and why', async () => {
  const report = await checkIn({ dns: { zone: {} }, rules: ['dns'], settings: { vantage: 'self' } });
  expect(report.vantage).toEqual({ kind: 'self', reason: 'you said so' });
});
