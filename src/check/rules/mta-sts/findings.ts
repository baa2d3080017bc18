import type { QueryEvidence } from '../../../network/dns/answer.ts';
import { listed } from '../../../report/listed.ts';
import type { CertificateEvidence, Trust } from '../../../standards/certificate.ts';
import { POLICY_PATH, policyUrl } from '../../../standards/mta-sts/places.ts';
import type { PolicyDefect, StsMode } from '../../../standards/mta-sts/policy.ts';
import type { StsNearMiss, StsRecordDefect } from '../../../standards/mta-sts/record.ts';
import { textValue } from '../../../standards/zone-file/line.ts';
import { absence, contactServers } from '../dns-words.ts';
import { addValues, type Edit, removeValues } from '../edit.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { heldBackReasons } from '../held-back.ts';
import { inconclusiveSpec, type Obstructed, reason } from '../inconclusive.ts';
import { noRoute, TIME_LIMIT } from '../obstacles.ts';
import { type Command, command, hostName } from '../pasted.ts';
import { shown } from '../quoted.ts';
import { policyDefect, recordDefect, SLIPS, timeText } from './words.ts';

/** A record that is to be published. */
export interface RecordFix {
  /** The name of the record, `_mta-sts.…`. */
  readonly name: string;
  /** The record to publish. */
  readonly correct: string;
}

/** Why senders cannot fetch the policy. */
export interface UnreachableEvidence {
  readonly host: string;
  /** The step that fails. `private`: the address is none that senders can reach. */
  readonly stage: 'name' | 'private' | 'connection' | 'handshake' | 'certificate' | 'redirect' | 'status' | 'response';
  /** What the DNS, the system or the server says. The target of a redirect. The fault of a certificate. */
  readonly detail: string;
  readonly code?: number;
  readonly trustError?: string | null;
  readonly certificate?: CertificateEvidence | null;
}

/** Why a sender that follows MTA-STS does not deliver to an MX host. */
export type HostFault = 'no-starttls' | 'handshake' | 'no-certificate' | 'name' | Exclude<Trust, 'trusted'>;

export interface HostFaultAt {
  readonly ip: string;
  readonly fault: HostFault;
  /** What the server or the TLS library says, or the names of the certificate. */
  readonly detail: string;
}

/** A policy in a report. */
export interface PolicyEvidence {
  readonly mode: StsMode;
  readonly mx: readonly string[];
  readonly maxAge: number;
}

/** @returns the edits that put the correct record in the place of others. */
function replaceRecords({ name, correct }: RecordFix, others: readonly string[]): Edit[] {
  const wrong = others.filter((text) => text !== correct).map(textValue);
  return [
    ...(wrong.length > 0 ? [removeValues('TXT', name, ...wrong)] : []),
    ...(others.includes(correct) ? [] : [addValues('TXT', name, textValue(correct))]),
  ];
}

/** @returns the lines that name hosts in a policy. Nothing for a name that is none of a host. */
function mxLines(hosts: readonly string[]): Command[] {
  return hosts.flatMap((host) => command`mx: ${hostName(host)}`);
}

function unreachableText({ host, stage, detail, code, trustError, certificate }: UnreachableEvidence): string {
  switch (stage) {
    case 'name':
      return detail === 'nxdomain' ? `${host} does not exist` : `${host} has no address`;
    case 'private':
      return `${host} has no public address: ${detail}`;
    case 'connection':
      return `no connection to ${host} (${detail})`;
    case 'handshake':
      return `TLS with ${host} fails (${detail})`;
    case 'certificate':
      return `the certificate of ${host} ${certificateText(detail, certificate ?? null, trustError ?? null)}`;
    case 'redirect':
      return `${host} redirects to ${shown(detail)} (${code}), and senders follow no redirect`;
    case 'status':
      return `${host} answers with the code ${code}, not with 200`;
    case 'response':
      return `${host} does not answer properly (${detail})`;
  }
}

function certificateText(fault: string, certificate: CertificateEvidence | null, trustError: string | null): string {
  if (fault === 'name') return `is for ${certificate?.names.join(', ') || 'no name'}`;
  if (fault === 'out-of-date') {
    return `is out of date: it is valid from ${day(certificate?.notBefore)} to ${day(certificate?.notAfter)}`;
  }
  return `is not trusted (${trustError ?? 'unknown'})`;
}

const day = (iso = ''): string => iso.slice(0, 10);

/** @returns what to do about a policy that cannot be fetched. */
function unreachableFix({ host, stage, detail }: UnreachableEvidence): string {
  switch (stage) {
    case 'name':
    case 'private':
      return `Publish an A or AAAA record for ${host} with the public address of a web server, and serve the policy there at ${POLICY_PATH}. If you do not want MTA-STS, delete the TXT record.`;
    case 'connection':
      return `Start the web server of ${host}, and open TCP port 443 in its firewall.`;
    case 'handshake':
      return `Look into the log of the web server of ${host}. Usually it has no certificate for this name.`;
    case 'certificate':
      return detail === 'name'
        ? `Get a certificate for ${host}, and configure it for this name in the web server.`
        : `Renew the certificate of ${host} at a public CA, configure the full chain, and reload the web server.`;
    case 'redirect':
      return `Serve the policy at ${policyUrl(host)} itself, with the code 200. Exclude this path from redirects.`;
    case 'status':
      return `Serve the policy at ${policyUrl(host)} with the code 200 and Content-Type: text/plain.`;
    case 'response':
      return `Look into the log of the web server of ${host}. Serve ${POLICY_PATH} as a plain file, without compression.`;
  }
}

const HOST_FAULTS: Readonly<Record<HostFault, (detail: string) => string>> = {
  'no-starttls': () => 'does not offer STARTTLS',
  handshake: (detail) => `fails the TLS handshake (${detail})`,
  'no-certificate': () => 'shows no certificate',
  name: (detail) => `has a certificate for another name (${detail === '' ? 'no name' : detail})`,
  'out-of-date': () => 'has a certificate that is out of date',
  'chain-out-of-date': () => 'sends a CA certificate that is out of date',
  incomplete: () => 'does not send the whole certificate chain',
  untrusted: (detail) => `has a certificate that is not trusted (${detail})`,
};

function hostFaultsText(faults: readonly HostFaultAt[]): string {
  const texts = [...new Set(faults.map(({ fault, detail }) => HOST_FAULTS[fault](detail)))];
  return listed(
    texts.map((text) => {
      const at = faults.filter(({ fault, detail }) => HOST_FAULTS[fault](detail) === text).map(({ ip }) => ip);
      return `${text} at ${listed(at)}`;
    }),
  );
}

/** What a mode does to mail that fails the policy. */
const refuses = (mode: StsMode): string =>
  mode === 'enforce' ? 'do not deliver to it' : 'report it, and would not deliver under mode enforce';

/** Where senders were to look for the policy, for a check that could not be made. */
export interface Unfetched {
  readonly url: string;
  readonly status: string;
  readonly detail: string;
}

export interface UntestedHost extends Obstructed {
  readonly host: string;
  readonly addresses: readonly { readonly ip: string; readonly detail: string }[];
}

export const findings = {
  'mta-sts/absent': findingSpec<RecordFix & { query: QueryEvidence; nearMiss: StsNearMiss | null }>({
    // The rule makes it a warning where a record was meant.
    severity: 'info',
    title: 'The domain does not use MTA-STS',
    message: ({ name, query, nearMiss }) =>
      nearMiss === null
        ? `No MTA-STS record was found (${name} ${query.rcode === 'noerror' ? 'has no TXT record of MTA-STS' : absence(query)}).`
        : `Senders ignore ${shown(nearMiss.text)} at ${name}, so the domain has no MTA-STS: ${SLIPS[nearMiss.slip]}.`,
    explanation:
      'MTA-STS is optional. It protects mail to the domain from being read or redirected on the way. Without it, senders such as Gmail deliver over any TLS, or in clear text.',
    remediation: ({ name, correct, nearMiss }) =>
      nearMiss === null
        ? {
            summary: `If you want MTA-STS: serve a policy with "mode: testing", publish the TXT record "${correct}" at ${name}, and read the TLS reports for some weeks.`,
          }
        : {
            summary: `Correct the TXT record at ${name}. It must begin with exactly v=STSv1; and have an id.`,
            edits: replaceRecords({ name, correct }, [nearMiss.text]),
          },
    reference: 'RFC 8461 §3.1',
  }),
  'mta-sts/txt-invalid': findingSpec<RecordFix & { records: readonly string[]; defects: readonly StsRecordDefect[] }>({
    severity: 'error',
    title: 'The MTA-STS record is invalid',
    message: ({ name, records, defects }) =>
      records.length > 1
        ? `${name} has ${records.length} MTA-STS records, so senders use none of them.`
        : `Senders may discard the MTA-STS record ${shown(records[0] ?? '')} at ${name}: ${listed(defects.map(recordDefect))}.`,
    explanation:
      'Senders that discard the record do not fetch the policy. A policy that they already have stays in force until it expires.',
    remediation: ({ name, correct, records }) => ({
      summary:
        records.length > 1
          ? `Publish one MTA-STS record at ${name}, and delete the others.`
          : `Correct the MTA-STS record at ${name}.`,
      edits: replaceRecords({ name, correct }, records),
    }),
    reference: 'RFC 8461 §3.1',
  }),
  'mta-sts/policy-unreachable': findingSpec<UnreachableEvidence>({
    severity: 'error',
    title: 'The MTA-STS policy cannot be fetched',
    message: (evidence) => `Senders cannot fetch the MTA-STS policy: ${unreachableText(evidence)}.`,
    explanation:
      'The TXT record says that there is a policy. Senders that cannot fetch it deliver as if there were none, and report the failure if the domain asks for reports.',
    remediation: (evidence) => ({ summary: unreachableFix(evidence) }),
    reference: 'RFC 8461 §3.3',
  }),
  'mta-sts/policy-invalid': findingSpec<{
    url: string;
    defects: readonly PolicyDefect[];
    /** The number of further defects. */
    more: number;
    /** Whether senders may discard the policy. */
    isBroken: boolean;
    /** The media type, if it is not text/plain. Empty when there is none. */
    contentType: string | null;
  }>({
    // The rule makes it a warning where no sender has to discard the policy.
    severity: 'error',
    title: 'The MTA-STS policy has errors',
    message: ({ url, defects, more, contentType }) => {
      const media =
        contentType === null
          ? []
          : [
              contentType === ''
                ? 'it has no Content-Type'
                : `its Content-Type is ${shown(contentType)}, not text/plain`,
            ];
      const further = more === 0 ? [] : [`${more} more`];
      return `The MTA-STS policy at ${url} has errors: ${[...defects.map(policyDefect), ...media, ...further].join('; ')}.`;
    },
    explanation:
      'Senders discard a policy that they cannot read, and deliver as if there were none. They are not equally strict, so some may still apply it.',
    remediation: ({ contentType, defects }) => ({
      summary: [
        ...(defects.length > 0 ? ['Correct the lines of the policy file, then change the id in the TXT record.'] : []),
        ...(contentType === null ? [] : ['Configure the web server to send Content-Type: text/plain for the file.']),
      ].join(' '),
    }),
    reference: 'RFC 8461 §3.2',
  }),
  'mta-sts/mx-not-covered': findingSpec<{
    mode: StsMode;
    hosts: readonly string[];
    covered: readonly { readonly host: string; readonly pattern: string }[];
    patterns: readonly string[];
  }>({
    // The rule makes it a warning where another MX host is covered, and in testing.
    severity: 'error',
    title: 'The MTA-STS policy does not name every MX host',
    message: ({ hosts, patterns, covered, mode }) => {
      const effect =
        mode === 'testing'
          ? 'senders report it'
          : covered.length > 0
            ? `senders that follow MTA-STS use only ${listed(covered.map(({ host }) => host))}`
            : 'senders that follow MTA-STS do not deliver at all';
      return `${listed(hosts)} ${hosts.length === 1 ? 'matches' : 'match'} no mx line of the MTA-STS policy (${patterns.join(', ')}), so ${effect}.`;
    },
    explanation:
      'Senders that follow MTA-STS do not deliver to an MX host that the policy does not name. "*." stands for exactly one label.',
    remediation: ({ hosts }) => ({
      summary: `Add an mx line for ${listed(hosts)} to the policy, then change the id in the TXT record.`,
      commands: mxLines(hosts),
    }),
    reference: 'RFC 8461 §4.1',
  }),
  'mta-sts/mx-cert-invalid': findingSpec<{
    mode: StsMode;
    host: string;
    faults: readonly HostFaultAt[];
    /** Whether the host has TLSA records. */
    hasTlsa: boolean;
  }>({
    // The rule makes it a warning in testing.
    severity: 'error',
    title: 'An MX host fails the MTA-STS policy',
    message: ({ host, faults, mode, hasTlsa }) =>
      `Senders that follow MTA-STS ${refuses(mode)}: ${host} ${hostFaultsText(faults)}.${hasTlsa ? ` It has TLSA records, by which senders with DANE judge it instead.` : ''}`,
    explanation:
      'The policy promises STARTTLS with a certificate for the name of the MX host from a public CA. Under mode enforce, such senders wait and then return the mail.',
    remediation: ({ host, mode }) => ({
      summary: `Get a certificate for ${host} from a public CA, and configure it with its full chain in the mail server.${mode === 'enforce' ? ' Until then, set "mode: testing" in the policy and change the id in the TXT record.' : ''}`,
    }),
    reference: 'RFC 8461 §4.2',
  }),
  'mta-sts/change-not-covered': findingSpec<{
    mode: StsMode;
    hosts: readonly string[];
    patterns: readonly string[];
    /** Seconds. */
    maxAge: number;
  }>({
    // The rule makes it a warning in testing.
    severity: 'error',
    title: 'The MTA-STS policy does not name a proposed MX host',
    message: ({ hosts, patterns, maxAge }) =>
      `The MTA-STS policy that is served now names ${patterns.join(', ')}, and not the proposed ${listed(hosts)}. Senders keep it for up to ${timeText(maxAge)}.`,
    explanation:
      'Senders that have the old policy do not deliver to the new host until the policy expires or they see a new id.',
    remediation: ({ hosts, maxAge }) => ({
      summary: `First add an mx line for ${listed(hosts)} to the policy, keep the old lines, and change the id in the TXT record. Wait ${timeText(Math.max(maxAge, 86_400))}, or at least one day. Then change the MX records.`,
      commands: mxLines(hosts),
    }),
    reference: 'RFC 8461 §3.2, §5.1',
  }),
  'mta-sts/id-unchanged': findingSpec<
    RecordFix & { id: string; record: string; earlier: PolicyEvidence; now: PolicyEvidence }
  >({
    severity: 'warning',
    title: 'The MTA-STS policy changed, and its id did not',
    message: ({ id }) => `The MTA-STS policy differs from that in the baseline report, but its id is still ${id}.`,
    explanation:
      'Senders fetch the policy again when the id has changed. Until then they keep the old one until it expires.',
    remediation: ({ name, correct, record }) => ({
      summary: `Change the id in the TXT record at ${name} with every change of the policy.`,
      edits: replaceRecords({ name, correct }, [record]),
    }),
    reference: 'RFC 8461 §3.1',
  }),
  'mta-sts/not-enforcing': findingSpec<{ mode: StsMode }>({
    severity: 'info',
    title: 'MTA-STS is not enforced',
    message: ({ mode }) => `The MTA-STS policy has "mode: ${mode}", so it stops no delivery.`,
    explanation:
      'Under mode testing, senders only report failures. Under mode none, they act as if there were no policy.',
    remediation: ({ mode }) => ({
      summary:
        mode === 'testing'
          ? 'Read the TLS reports for some weeks. When they show no failures, set "mode: enforce" and change the id in the TXT record.'
          : 'If you want MTA-STS, set "mode: testing" first. If you do not, delete the TXT record when max_age is over.',
    }),
    reference: 'RFC 8461 §5',
  }),
  'mta-sts/max-age-short': findingSpec<{ maxAge: number }>({
    severity: 'warning',
    title: 'Senders keep the MTA-STS policy for a short time',
    message: ({ maxAge }) => `Senders keep the MTA-STS policy for only ${timeText(maxAge)} (max_age: ${maxAge}).`,
    explanation:
      'When the policy has expired, an attacker who blocks the policy host can keep senders from it. RFC 8461 recommends weeks.',
    remediation: () => ({
      summary: 'Set "max_age: 1209600" (two weeks) or more, then change the id in the TXT record.',
    }),
    reference: 'RFC 8461 §3.2, §10.2',
  }),
  'mta-sts/orphan-policy': findingSpec<RecordFix & { host: string; mode: StsMode }>({
    severity: 'info',
    title: 'An MTA-STS policy is served, but no record announces it',
    message: ({ name, host, mode }) =>
      `${host} serves an MTA-STS policy (mode ${mode}), but ${name} has no MTA-STS record, so senders do not use it.`,
    explanation: 'Senders look for the TXT record first, and fetch the policy only if there is one.',
    remediation: ({ name, correct }) => ({
      summary: `If you want MTA-STS, publish the TXT record "${correct}" at ${name}. If you do not, delete the policy.`,
    }),
    reference: 'RFC 8461 §3.1',
  }),
  'mta-sts/inconclusive': inconclusiveSpec({
    title: 'MTA-STS could not be fully tested',
    explanation: 'MTA-STS was not fully tested, so this check does not count as passed.',
    reference: 'RFC 8461',
    reasons: {
      'record-lookup-failed': reason<{ readonly query: QueryEvidence }>({
        says: ({ query }) =>
          `The MTA-STS record at ${query.name} could not be looked up: ${query.detail ?? query.rcode}.`,
        fix: ({ query }) => contactServers(query),
      }),
      'host-lookup-failed': reason<{ readonly host: string; readonly query: QueryEvidence }>({
        says: ({ host, query }) =>
          `The MTA-STS policy was not fetched: the address of ${host} could not be looked up (${query.detail ?? query.rcode}).`,
        fix: ({ query }) => contactServers(query),
      }),
      'policy-unfetched': reason<Unfetched>({
        says: ({ url, detail }) => `The MTA-STS policy at ${url} could not be fetched from here (${detail}).`,
        fix: ({ status }) =>
          status === 'forbidden'
            ? 'To test a lab or an internal network, run the check with --allow-private.'
            : 'Run the check from another network, or open the address in a browser: this network may block outbound port 443.',
        obstacle: ({ status, detail }) => {
          if (status === 'aborted') return TIME_LIMIT;
          const ip = /^\[?([0-9a-f.:]+?)\]?:443: /i.exec(detail)?.[1] ?? '';
          return status === 'no-route' ? noRoute(ip, detail) : null;
        },
      }),
      'mx-untested': reason<UntestedHost>({
        says: ({ host, addresses }) =>
          `The certificate of ${host} was not tested against the MTA-STS policy: ${addresses.map(({ ip, detail }) => `${ip} (${detail})`).join(', ')}.`,
        fix: () => 'Run the check from a network that allows outbound port 25, such as the mail server itself.',
      }),
      'name-untried': reason<{ readonly host: string; readonly ips: readonly string[] }>({
        says: ({ host, ips }) =>
          `The certificate of ${listed(ips)} for ${host} was not tested: the address has too many names.`,
        fix: () => 'Get one certificate whose subject alternative names include all names of the host.',
      }),
      ...heldBackReasons<{ readonly host: string; readonly ip: string }>(
        ({ host, ip }) => `The certificate of ${host} was not tested: ${ip}`,
        ({ ip }) => [ip],
      ),
    },
  }),
};

export type Emitter = Emit<typeof findings>;
