/** Tests a whole check of an address that is a web proxy's, for each way in which the address comes in. */
import { expect, test } from 'vitest';
import { waterfallOf } from '../../src/recording/waterfall/waterfall.ts';
import type { Report } from '../../src/report/status.ts';
import { pretty } from '../../src/reporters/pretty.ts';
import { type CheckCase, checkIn, recordIn } from '../world/check.ts';
import { scenes } from '../world/scenes.ts';
import { defaultListZones } from '../world/world.ts';
import type { NameScript } from '../world/zone.ts';

const CLOUDFLARE = '104.21.10.20';
/** Akamai publishes no networks. */
const AKAMAI = '203.0.113.80';
const akamai: Record<string, NameScript> = {
  '80.113.0.203.in-addr.arpa': { PTR: ['a203-0-113-80.deploy.static.akamaitechnologies.com'] },
  '80.113.0.203.origin.asn.cymru.com': { TXT: ['20940 | 203.0.113.0/24 | US | arin | 2020-01-01'] },
};

const findingsOf = ({ rules }: Report) => rules.flatMap(({ findings }) => findings);

const checkOf = (zone: Record<string, NameScript>, rest: Partial<CheckCase> = {}): Promise<Report> =>
  checkIn({ dns: { apexes: ['example.com'], zone: { ...defaultListZones(), ...zone } }, timeoutMs: 20_000, ...rest });

test.each<[way: string, Record<string, NameScript>, Partial<CheckCase>, string]>([
  ['typed, in a published network', { 'example.com': { SOA: [] } }, { ips: [CLOUDFLARE] }, CLOUDFLARE],
  ['typed, and known by its PTR name', { 'example.com': { SOA: [] }, ...akamai }, { ips: [AKAMAI] }, AKAMAI],
  [
    'the MX host leads there',
    { 'example.com': { SOA: [], MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [CLOUDFLARE] } },
    { ips: [] },
    CLOUDFLARE,
  ],
  [
    'the MX host leads to an edge server',
    { 'example.com': { SOA: [], MX: ['10 mail.example.com'] }, 'mail.example.com': { A: [AKAMAI] }, ...akamai },
    { ips: [] },
    AKAMAI,
  ],
  [
    'the domain without MX record leads there',
    { 'example.com': { SOA: [], A: [CLOUDFLARE] } },
    { ips: [] },
    CLOUDFLARE,
  ],
  [
    'the domain without MX record leads to an edge server',
    { 'example.com': { SOA: [], A: [AKAMAI] }, ...akamai },
    { ips: [] },
    AKAMAI,
  ],
])('a web proxy: %s', async (_, zone, rest, ip) => {
  const report = await checkOf(zone, rest);
  expect(report.target.ips).toEqual([]);
  const about = findingsOf(report).filter((finding) => finding.about.ip === ip);
  expect(about.filter(({ code }) => code !== 'provider/web-proxy')).toEqual([]);
  expect(findingsOf(report).map(({ code }) => code)).not.toContain('ptr/missing');
  const statuses = ['ptr', 'helo', 'rbl', 'provider', 'open-relay'].map(
    (rule) => report.rules.find(({ id }) => id === rule)?.status,
  );
  expect(statuses).toEqual(Array(5).fill('inconclusive'));
  expect(report.rules.find(({ id }) => id === 'spf')?.status).not.toBe('pass');
  // The lists of names are asked about the domain.
  expect(report.rules.find(({ id }) => id === 'rbl')?.note ?? 'clean on 3 of 3 lists').toBe('clean on 3 of 3 lists');
  expect(report.verdict).not.toBe('pass');
  const text = pretty([report], { color: false, verbose: true }).replace(/\s+/g, ' ');
  const [name, bypass] =
    ip === CLOUDFLARE ? ['Cloudflare', '"DNS only" (grey cloud)'] : ['Akamai', 'to Akamai with an A record'];
  expect(text).toContain(`${name}’s web proxy`);
  expect(text).toContain(bypass);
  expect(text).toMatch(/own address/);
  expect(text).not.toMatch(/Workers|Akamai Connected|Linode/);
});

test('a web proxy: the HELO name that leads there is told to leave it, and the host is tested', async () => {
  const { args: _, world } = scenes.healthy;
  const zone = { ...world.dns?.zone, 'mail.example.com': { A: [CLOUDFLARE] } };
  const report = await checkIn({
    ...world,
    dns: { ...world.dns, zone },
    ips: ['203.0.113.5'],
    helo: 'mail.example.com',
  });
  expect(report.target.ips).toEqual(['203.0.113.5']);
  const helo = report.rules.find(({ id }) => id === 'helo')?.findings ?? [];
  expect(JSON.stringify(helo)).toContain('DNS only');
});

test('looking for edge servers lengthens no chain of a healthy check', async () => {
  const { world } = scenes.healthy;
  const chainOf = async (rules?: readonly string[]): Promise<number> => {
    const { recorded } = await recordIn({ ...world, ips: ['203.0.113.5'], ...(rules ? { rules } : {}) });
    const clockings = recorded.exchanges.map(() => ({ startMs: 0, endMs: 20 }));
    return (await waterfallOf(recorded, clockings))?.chain.roundTrips ?? 0;
  };
  // The search runs only beside the provider rule. No other rule waits for it.
  const withSearch = await chainOf(['ptr', 'provider']);
  expect(withSearch).toBeGreaterThan(0);
  expect(withSearch).toBe(await chainOf(['ptr']));
});
