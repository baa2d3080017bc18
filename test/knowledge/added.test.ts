/** Tests that one new file adds a row of data, which is then asked, recognised, judged and shown without new code. */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import { allLists } from '../../src/knowledge/lists/catalogue.ts';
import { type DeadList, deadListSchema, type List, listSchema } from '../../src/knowledge/lists/schema.ts';
import { type Provider, providerSchema, relaySchema } from '../../src/knowledge/providers/schema.ts';
import { allReceivers } from '../../src/knowledge/receivers/catalogue.ts';
import { type Receiver, receiverSchema } from '../../src/knowledge/receivers/schema.ts';
import { type Report, reportSchema } from '../../src/report/schema.ts';
import { filesBelow } from '../files-below.ts';
import { defaultListZones, listZone, startWorld } from '../world/world.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** The built product uses the real time, so only a row with the date of today is always confirmed. */
const today = new Date().toISOString().slice(0, 10);
const verified = {
  verifiedOn: today,
  provenance: 'vendor-page' as const,
  sources: ['https://www.example.net/'],
  confidence: 'high' as const,
};

const list: List = {
  id: 'added',
  zone: 'bl.example.net',
  name: 'Added List',
  operator: 'Example',
  kind: 'ip',
  families: [4],
  impact: 'high',
  gates: true,
  default: true,
  place: 1,
  codes: [{ match: '127.0.0.&2', name: 'ADDED', meaning: 'Seen by the added list', class: 'exploit', scope: 'ip' }],
  refusal: ['127.0.0.&1'],
  canary: { listed: '127.0.0.2', notListed: '127.0.0.1', confirmed: true },
  access: { freeTier: 'Free', publicResolversRefused: null, registration: 'none' },
  lookupUrl: 'https://www.example.net/?q={ip}',
  delist: null,
  txt: true,
  ttlTypical: null,
  status: 'active',
  sinceOrUntil: null,
  ...verified,
};

const deadList: DeadList = {
  id: 'added',
  zones: ['closed.example.net'],
  reason: 'Added List closed its old zone',
  since: '2020',
  behaviour: 'empty',
  ...verified,
};

const provider: Provider = {
  id: 'added',
  name: 'Added Hosting',
  generic: false,
  status: 'active',
  successor: null,
  history: null,
  detect: {
    asns: [64500],
    ptrSuffixes: ['hosts.example.net'],
    nsSuffixes: [],
    whoisOrgs: [],
    ipRangesUrl: null,
    ownServices: false,
    tellApart: null,
  },
  port25: { egress: 'blocked-by-default', unblock: 'form', url: null, note: 'Say what you send.', portsClosed: [25] },
  ptr: { control: 'self-service', forwardRecordRequired: null, ui: 'Panel', commands: [], url: null, note: '' },
  ipv6: { ptr: 'unknown', ui: null, note: '' },
  blockReputation: { pblListed: 'unknown', note: '', url: null },
  relay: null,
  ...verified,
};

const relay: z.input<typeof relaySchema> = {
  id: 'added',
  name: 'Added Relay',
  place: 1,
  offeredTo: 'everyone',
  endpoints: [{ region: null, host: 'smtp.example.net', spfInclude: 'spf.example.net' }],
  ports: [587],
  url: 'https://www.example.net/smtp',
  dkim: { style: 'cname', recordNames: ['s1._domainkey.{domain}'] },
  auth: 'smtp-user-password',
  note: '',
  ...verified,
};

const receiver: Receiver = {
  id: 'added',
  name: 'Added Mail',
  place: 1,
  hosts: [
    {
      domains: ['added.example'],
      source: 'https://www.example.net/bounces',
      verifiedOn: today,
      provenance: 'third-party',
    },
  ],
  rules: [
    {
      outcome: 'refuses',
      volume: 'any',
      when: [['listed']],
      because: 'believes the added list',
      reply: {
        text: '554 5.7.1 Added',
        source: 'https://www.example.net/replies',
        verifiedOn: today,
        provenance: 'vendor-page',
      },
    },
  ],
  notCheckable: [],
  askFirst: null,
  source: 'https://www.example.net/postmaster',
  verifiedOn: today,
  provenance: 'vendor-page',
};

const added: readonly [folder: string, row: { readonly id: string }, schema: z.ZodType][] = [
  ['lists/data', list, listSchema],
  ['lists/dead', deadList, deadListSchema],
  ['providers/data', provider, providerSchema],
  ['providers/relays', relay, relaySchema],
  ['receivers/data', receiver, receiverSchema],
];

// Below the repository's node_modules, so that the copy finds what it depends on.
const copy = mkdtempSync(join(root, 'node_modules', '.added-'));
const cli = join(copy, 'dist/cli.js');
let report: Report;

beforeAll(async () => {
  for (const name of [
    'src',
    'build.mjs',
    'packed-data.mjs',
    'published-types.mjs',
    'third-party-notices.mjs',
    'third-party-notices.json',
    'package.json',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const [folder, row] of added) {
    // Only new files: `wx` refuses one that is there.
    writeFileSync(join(copy, 'src/knowledge', folder, `${row.id}.json`), JSON.stringify(row), { flag: 'wx' });
  }
  execFileSync(process.execPath, ['build.mjs', '--no-types'], { cwd: copy });
  const zone = {
    'example.com': { TXT: [] },
    ...defaultListZones(),
    ...listZone(list, { '5.113.0.203': { A: ['127.0.0.2'], TXT: ['seen'] } }),
    '5.113.0.203.in-addr.arpa': { PTR: ['a.hosts.example.net'] },
  };
  const running = await startWorld({ dns: { zone } });
  const args = ['example.com', '203.0.113.5', '--helo', 'mail.example.com', '--only', 'rbl,provider,receiver'];
  const stdout = await output([...args, '-f', 'json', ...running.args]);
  await running.close();
  report = reportSchema.parse(JSON.parse(stdout));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function output(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { cwd: tmpdir() }, (_, stdout) => resolve(stdout));
  });
}

const findingsOf = (rule: string) => report.rules.find(({ id }) => id === rule)?.findings;

test.each(added)('added row: the row for %s is valid', (_, row, schema) => {
  expect(schema.safeParse(row).error?.issues ?? []).toEqual([]);
});

test('added row: a list is asked, judged and explained', () => {
  expect(findingsOf('rbl')).toMatchObject([
    {
      code: 'rbl/listed',
      message: '203.0.113.5 is on Added List as ADDED.',
      remediation: { links: ['https://www.example.net/?q=203.0.113.5'] },
    },
  ]);
});

test('added row: a closed list is reported and not asked', async () => {
  const running = await startWorld({ dns: { zone: { 'example.com': { TXT: [] } } } });
  const args = ['example.com', '203.0.113.5', '--only', 'rbl', '--dnsbl', 'closed.example.net', ...running.args];
  const text = (await output(args)).replace(/\s+/g, ' ');
  const asked = running.dns.asked.map(({ name }) => name);
  await running.close();
  expect(text).toContain('closed.example.net: closed, so it was not asked: added List closed its old zone, 2020');
  expect(asked.filter((name) => name.endsWith('closed.example.net'))).toEqual([]);
});

test('added row: a provider is recognised by its PTR names, and its policy is shown', async () => {
  expect(report.provider?.addresses[0]?.candidates).toMatchObject([{ id: 'added', confirmed: true }]);
  expect(findingsOf('provider')).toContainEqual(
    expect.objectContaining({
      code: 'provider/port25-restricted',
      message: 'Added Hosting blocks outbound port 25 until you ask.',
    }),
  );
  expect(await output(['providers', 'added'])).toContain(`Checked      ${today}, by its own documentation`);
});

test('added row: a relay is offered at its place', () => {
  expect(report.advice.ways.find(({ way }) => way === 'relay')?.relay).toMatchObject({
    name: 'Added Relay',
    port: 587,
    confirmed: true,
  });
});

test('added row: a receiver answers at its place', () => {
  expect(report.receivers.map(({ id }) => id)).toEqual(['added', ...allReceivers.map(({ id }) => id)]);
  expect(report.receivers[0]).toMatchObject({ outcome: 'refuses', reply: '554 5.7.1 Added', confirmed: true });
});

test('lists: no source file contains the zone of a list', () => {
  // Words for people use this zone as an example.
  const examples = new Set(['zen.spamhaus.org']);
  const sources = filesBelow(join(root, 'src'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(join(root, 'src', name), 'utf8') }));
  const known = allLists.flatMap(({ zone }) =>
    examples.has(zone) ? [] : sources.filter(({ text }) => text.includes(zone)).map(({ name }) => `${name}: ${zone}`),
  );
  expect(known).toEqual([]);
});
