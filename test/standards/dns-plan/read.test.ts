/** Proposed records in any form: told by their content, whatever stands around it. */
import { describe, expect, test } from 'vitest';
import { decodeProposal, proposalIn, readProposal } from '../../../src/standards/dns-plan/read.ts';

const OCTODNS = {
  live: {
    'example.com.': {
      changes: [{ type: 'create', name: 'a', record_type: 'A', new: { ttl: 60, value: '192.0.2.1' } }],
      meta: null,
    },
  },
};
const IR = {
  registrars: [],
  dns_providers: [],
  domains: [{ name: 'example.com', dnsProviders: { x: -1 }, records: [] }],
};
const line = JSON.stringify(OCTODNS);
const indented = JSON.stringify(OCTODNS, null, 2);
const formatOf = async (text: string): Promise<unknown> => (await readProposal(text, 'plan', 'example.com')).format;

test.each([
  ['a zone file', '@ TXT "{}"\n', 'zone'],
  ['records', '[{"name": "a", "type": "A", "value": "192.0.2.1"}]', 'json'],
  ['a report', '{"records": [{"name": "a", "type": "A", "value": "192.0.2.1"}]}', 'json'],
  ['a plan of octoDNS', line, 'octodns'],
  ['no changes', '{}\n', 'octodns'],
  ['what dnscontrol prints', JSON.stringify(IR), 'dnscontrol'],
])('%s', async (_, text, format) => {
  expect(await formatOf(text)).toBe(format);
});

test.each([
  ['a log line before it', `2026-01-01 INFO Manager\n${line}\n`],
  ['colours', `\x1b[32mok\x1b[0m\n\x1b[1m${line}\x1b[0m\n`],
  [
    'the wrapper of a GitHub action',
    `[command]/usr/bin/terraform show -json p\n${line}\n\n::debug::done\n::set-output name=stdout::{}\n`,
  ],
  ['several lines, and lines around', `start\n${indented}\nend {x}\n`],
  ['line ends of Windows', `start\r\n${indented.replaceAll('\n', '\r\n')}\r\n`],
])('JSON with %s', async (_, text) => {
  expect(await formatOf(text)).toBe('octodns');
});

describe('the bytes of a file', () => {
  test.each([
    ['UTF-8', Buffer.from(line)],
    ['UTF-8 with its mark', Buffer.from(`\ufeff${line}`)],
    ['UTF-16, as PowerShell writes it', Buffer.from(`\ufeff${line}`, 'utf16le')],
    ['UTF-16 in the other order', Buffer.from(`\ufeff${line}`, 'utf16le').swap16()],
  ])('%s', (_, bytes) => {
    expect(decodeProposal(bytes)).toBe(line);
  });
  test('a last octet that is half a letter', () => {
    expect(decodeProposal(Buffer.from([0xfe, 0xff, 0, 0x61, 0]))).toBe('a');
  });
});

test.each([
  ['', 'plan is empty'],
  [' \n', 'plan is empty'],
  ['PK\x03\x04\x14\0', 'plan is a binary plan: terraform show -json plan.bin'],
  [
    '{"@level":"info","type":"version"}\n{"@level":"info"}\n',
    'plan is the log of terraform plan -json: terraform plan -out',
  ],
  ['\nTerraform will perform the following actions:\n', 'plan is a plan of Terraform for people: terraform plan -out'],
  ['OpenTofu used the selected providers to generate the\n', 'plan is a plan of Terraform for people'],
  ['No changes. Your infrastructure matches the configuration.\n', 'plan is a plan of Terraform for people'],
  ['resource "aws_route53_record" "a" {\n  name = "a"\n}\n', 'plan is a configuration of Terraform: terraform plan'],
  [
    'var REG = NewRegistrar("none");\nD("example.com", REG);\n',
    'plan is JavaScript of dnscontrol: dnscontrol print-ir',
  ],
  ['******************** Domain: example.com\n', 'plan is a preview of dnscontrol: dnscontrol print-ir'],
  ["---\n'':\n  type: TXT\n  value: x\n", 'plan is a zone file of octoDNS: add octodns.provider.plan.PlanJson'],
  [`${'*'.repeat(80)}\n* example.com.\n`, 'plan is a plan of octoDNS for people'],
])('%j is no proposal, and the error says what to type', async (text, what) => {
  await expect((async () => readProposal(text, 'plan', 'example.com'))()).rejects.toThrow(what);
});

test.each([
  ['{"a": 1}', 'plan:1: JSON must be an array of records'],
  ['@ TXT x\ntype: TXT', 'zone file of octoDNS'],
  ['@ A 192.0.2.300\n', 'plan:1: "192.0.2.300" is not an IPv4 address'],
])('%j keeps the error of its form', async (text, what) => {
  await expect(readProposal(text, 'plan', 'example.com')).rejects.toThrow(what);
});

test('a plan is the same object for all domains, and a zone file with relative names is not', async () => {
  const plan = proposalIn(line, 'plan');
  expect(await plan.read('example.com')).toBe(await plan.read('example.net'));
  const zone = proposalIn('@ TXT x\n', 'zone');
  expect((await zone.read('example.net')).records[0]?.name).toBe('example.net');
  expect(zone.usesDomain).toBe(true);
});
