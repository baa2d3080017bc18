/**
 * Reads proposed records in any form: a zone file, JSON records, a plan of octoDNS or Terraform, or what dnscontrol prints.
 * The form is told by the content.
 *
 * A plan may hold secrets. Nothing but its DNS records is kept, and no error quotes anything else of it.
 */
import type { ProposedZone } from '../../network/dns/proposal.ts';
import type { Domain } from '../../network/domain.ts';
import { UsageError } from '../../usage-error.ts';
import { zoneOf } from '../zone-file/origin.ts';
import { parseZone, usesOrigin } from '../zone-file/parse.ts';
import type { PlanReader } from './codec.ts';

/** A text with proposed records. */
export interface Proposal {
  /** The length of the text in characters. */
  readonly length: number;
  /** Whether the records may be others for another domain. */
  readonly usesDomain: boolean;
  /** The zone that a zone file is of, by its content or the name of the file. `undefined` when neither tells it. */
  readonly zone: Domain | undefined;
  /** Whether the text is JSON, which names its zones in other ways than a zone file. */
  readonly isJson: boolean;
  /**
   * @param domain the domain under test, which completes relative names.
   * @returns the proposed records.
   * @throws UsageError, with file and line where they are known, for a text that cannot be used.
   */
  read(domain: string): Promise<ProposedZone>;
}

/**
 * @returns the text of a file. A byte order mark tells UTF-16, which PowerShell writes for `>`, from UTF-8.
 */
export function decodeProposal(bytes: Uint8Array): string {
  const octets = Buffer.from(bytes);
  const [first, second] = octets;
  if (first === 0xff && second === 0xfe) return octets.subarray(2).toString('utf16le');
  if (first === 0xfe && second === 0xff) {
    return Buffer.from(octets.subarray(2, octets.length - (octets.length % 2)))
      .swap16()
      .toString('utf16le');
  }
  return octets.toString('utf8').replace(/^\ufeff/, '');
}

/**
 * Tells the form of a text with proposed records. It parses JSON once for all domains.
 *
 * @param file the path as the user typed it, for errors and the report.
 */
export function proposalIn(text: string, file: string): Proposal {
  if (text.trim() === '') throw new UsageError(`${file} is empty, but it must hold the proposed records`);
  const values = jsonValuesIn(text);
  let forAll: ProposedZone | undefined;
  return {
    length: text.length,
    usesDomain: values.length > 0 || usesOrigin(text),
    zone: zoneOf(text, file),
    isJson: values.length > 0,
    async read(domain) {
      const plan = forAll ?? (await planAmong(values, file, domain));
      // Terraform does not always say which zone a record is in.
      if (plan?.format !== 'terraform') forAll = plan;
      return plan ?? readRecords(text, file, domain);
    },
  };
}

async function planAmong(values: readonly unknown[], file: string, domain: string): Promise<ProposedZone | undefined> {
  for (const value of values) {
    for (const load of PLANS) {
      const plan = (await load())(value, file, domain);
      if (plan !== undefined) return plan;
    }
  }
  return undefined;
}

/**
 * Reads proposed records in any form, which is told by the content.
 *
 * @param file the path as the user typed it, for errors and the report.
 * @param domain the domain under test, which completes relative names.
 * @throws UsageError, with file and line where they are known, for a text that cannot be used.
 */
export async function readProposal(text: string, file: string, domain: string): Promise<ProposedZone> {
  return proposalIn(text, file).read(domain);
}

/** The readers of plans, each in its module. */
const PLANS: readonly (() => Promise<PlanReader>)[] = [
  async () => (await import('./octodns-plan.ts')).read,
  async () => (await import('./dnscontrol-ir.ts')).read,
  async () => (await import('./terraform/read.ts')).read,
];

/** Escape sequences of a terminal (ECMA-48 §5.4). JSON never contains the character that begins them. */
const COLOURS = /\x1b\[[0-9;?]*[A-Za-z]/g;

/**
 * Returns the values that the text may mean as JSON, the likeliest first: the whole text, or what begins with a line that
 * begins with a brace. Wrappers of Terraform and log lines of other tools stand before or after the JSON.
 */
function jsonValuesIn(text: string): unknown[] {
  const plain = text.includes('\x1b') ? text.replace(COLOURS, '') : text;
  const whole = /^\s*[[{]/.test(plain) ? parsed(plain) : undefined;
  if (whole !== undefined) return [whole];
  const start = /^\{/m.exec(plain)?.index;
  if (start === undefined) return [];
  const rest = plain.slice(start);
  const line = /^.*/.exec(rest)?.[0] ?? '';
  const block = rest.slice(0, rest.lastIndexOf('\n}') + 2);
  return [parsed(line), parsed(block)].filter((value) => value !== undefined);
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function readRecords(text: string, file: string, domain: string): ProposedZone {
  try {
    return parseZone(text, file, domain);
  } catch (error) {
    const help = error instanceof UsageError ? OTHER_TEXTS.find(({ is }) => is.test(text)) : undefined;
    throw help === undefined ? error : new UsageError(`${file} is ${help.what}: ${help.type}`);
  }
}

const TERRAFORM = 'terraform plan -out=plan.bin && terraform show -json plan.bin > plan.json';
const DNSCONTROL = 'dnscontrol print-ir --out ir.json';
const OCTODNS = 'add octodns.provider.plan.PlanJson to plan_outputs of the manager, and pass the JSON of octodns-sync';

/** Texts that people pass in place of the proposed records, and what to type to get these. */
const OTHER_TEXTS: readonly { readonly is: RegExp; readonly what: string; readonly type: string }[] = [
  { is: /^PK\x03\x04/, what: 'a binary plan', type: 'terraform show -json plan.bin > plan.json' },
  { is: /^\{"@level":/m, what: 'the log of terraform plan -json', type: TERRAFORM },
  {
    is: /^(?:Terraform|OpenTofu) (?:will perform|used the selected providers)|^No changes\. Your infrastructure matches/m,
    what: 'a plan of Terraform for people',
    type: TERRAFORM,
  },
  {
    is: /^[ \t]*(?:resource|module|provider)\s+"[^"\n]*"[^\n]*\{/m,
    what: 'a configuration of Terraform',
    type: TERRAFORM,
  },
  {
    is: /^[ \t]*(?:var\s.*=\s*New\w+\(|D\(|D_EXTEND\(|require\()/m,
    what: 'JavaScript of dnscontrol',
    type: DNSCONTROL,
  },
  { is: /^\*{5,} Domain: /m, what: 'a preview of dnscontrol', type: DNSCONTROL },
  { is: /^[ \t]*(?:- )?type: ['"]?[A-Z]+['"]?\s*$/m, what: 'a zone file of octoDNS', type: OCTODNS },
  { is: /^\*{40,}\r?\n(?:\* |No changes were planned)/m, what: 'a plan of octoDNS for people', type: OCTODNS },
];
