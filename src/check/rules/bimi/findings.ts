import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { BimiDefect } from '../../../standards/bimi/record.ts';
import type { SvgFault } from '../../../standards/bimi/svg.ts';
import { quoteInput } from '../../../usage-error.ts';
import { contactServers } from '../dns-words.ts';
import { type Emit, findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { type Place, placeText } from '../own-place.ts';
import { clauses, MAX_NAMED, shown } from '../quoted.ts';
import type { CertificateProblem, DmarcFault, FetchFault } from './problems.ts';
import { describeCertificate, describeDefect, describeFetch, describePolicy, describeSvg } from './words.ts';

/** Which file is meant. */
export type BimiFile = 'logo' | 'certificate';

const FILES: Readonly<Record<BimiFile, string>> = { logo: 'The logo', certificate: 'The certificate' };
const TAGS: Readonly<Record<BimiFile, string>> = { logo: 'l', certificate: 'a' };

/** Several records, the faults of one record, a file that cannot be fetched, or the faults of the logo. */
export type Invalidity =
  | { readonly kind: 'several'; readonly records: readonly string[] }
  | {
      readonly kind: 'record';
      readonly record: string;
      readonly defects: readonly BimiDefect[];
      readonly count: number;
    }
  | { readonly kind: 'fetch'; readonly file: BimiFile; readonly uri: string; readonly fault: FetchFault }
  | { readonly kind: 'logo'; readonly uri: string; readonly faults: readonly SvgFault[]; readonly count: number };

/** The certificate that was fetched, as evidence. */
export interface MarkEvidence {
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface Unanswered {
  readonly query: QueryEvidence;
}

export const findings = {
  'bimi/absent': findingSpec<
    Place & {
      queries: readonly QueryEvidence[];
      /** The TXT records at the names, at most ten. */
      otherTexts: readonly string[];
      /** The text that was meant as a BIMI record. */
      nearMiss: string | null;
    }
  >({
    // The rule makes it a warning if a text was meant as a record.
    severity: 'info',
    title: 'The domain has no BIMI record',
    message: ({ name, alias, queries, otherTexts, nearMiss }) => {
      if (nearMiss !== null) {
        return `Mailbox providers do not read ${shown(nearMiss)} at ${placeText({ name, alias })} as BIMI, because it does not start with exactly v=BIMI1 and a semicolon.`;
      }
      const none = otherTexts.length > 0 ? ' (the TXT record there is not a BIMI record)' : '';
      return `No BIMI record was found at ${queries.map((query) => query.name).join(' or ')}${none}.`;
    },
    explanation: 'BIMI shows the logo of the domain beside its mail. It is optional.',
    remediation: ({ name, nearMiss }) => ({
      summary:
        nearMiss === null
          ? `Optional: publish a BIMI record at ${name} once DMARC is enforced.`
          : `Correct the record at ${name}. It must start with exactly v=BIMI1; and continue with l= and a=.`,
    }),
    reference: 'BIMI draft §5.3',
  }),
  'bimi/dmarc-not-enforcing': findingSpec<{ name: string; faults: readonly DmarcFault[] }>({
    severity: 'warning',
    title: 'DMARC is not enforced, so no logo is shown',
    message: ({ name, faults }) =>
      `The BIMI record at ${name} has no effect, because DMARC is not enforced: ${clauses(faults.map(describePolicy))}.`,
    explanation:
      'Mailbox providers show a logo only if the domain and its organizational domain enforce DMARC for all mail.',
    remediation: ({ faults }) => ({
      summary: `Enforce DMARC first: p=quarantine or p=reject at ${[...new Set(faults.map(({ name }) => name))].join(' and ')}, without sp=none, t=y and pct below 100.`,
    }),
    reference: 'BIMI draft §8.1',
  }),
  'bimi/declined': findingSpec<Place & { record: string; hasLocalParts: boolean }>({
    severity: 'info',
    title: 'The domain declines BIMI',
    message: ({ name, alias, hasLocalParts }) =>
      `The BIMI record at ${placeText({ name, alias })} says that the domain has no logo${hasLocalParts ? ', except for some local parts (lps=)' : ''}.`,
    explanation: 'With empty l= and a=, mailbox providers show no logo and do not look at the organizational domain.',
    remediation: ({ name }) => ({
      summary: `Nothing to do, unless you want a logo. In that case put its address in l= at ${name}.`,
    }),
    reference: 'BIMI draft §5.3.1',
  }),
  'bimi/invalid': findingSpec<Place & { problem: Invalidity }>({
    severity: 'warning',
    title: 'Mailbox providers cannot use the BIMI record or its logo',
    message: ({ name, alias, problem }) => {
      const place = placeText({ name, alias });
      switch (problem.kind) {
        case 'several':
          return `${place} has ${problem.records.length} BIMI records, so mailbox providers use none of them.`;
        case 'record':
          return `${place}: ${clauses(problem.defects.map(describeDefect), problem.count)}.`;
        case 'fetch':
          return `${FILES[problem.file]} ${quoteInput(problem.uri)} ${describeFetch(problem.fault)}.`;
        case 'logo':
          return `The logo ${quoteInput(problem.uri)} is not SVG Tiny PS: ${clauses(problem.faults.map(describeSvg), problem.count)}.`;
      }
    },
    details: ({ problem }) =>
      problem.kind === 'logo' && problem.faults.length > MAX_NAMED
        ? [{ label: 'Faults', text: problem.faults.map(describeSvg).join('; ') }]
        : [],
    explanation: 'Mailbox providers show no logo if the record, the logo or the certificate does not follow the rules.',
    remediation: ({ name, problem }) => {
      switch (problem.kind) {
        case 'several':
          return { summary: `Keep one BIMI record at ${name}, and delete the others.` };
        case 'record':
          return {
            summary: `Correct the record at ${name}: v=BIMI1; first, l= with one https:// address of the logo, a= with that of the certificate.`,
          };
        case 'fetch':
          return {
            summary: `Serve the file over HTTPS with status 200 and a trusted certificate, or correct ${TAGS[problem.file]}= in the record at ${name}.`,
          };
        case 'logo':
          return {
            summary:
              'Export the logo as SVG Tiny PS: version="1.2", baseProfile="tiny-ps", a title, no script, image, style or link, at most 32 KiB. Use the same file for the certificate.',
          };
      }
    },
    reference: 'BIMI draft §5.3, draft-svg-tiny-ps-abrotman',
  }),
  'bimi/no-certificate': findingSpec<{
    name: string;
    /** `null` when the record names no certificate. */
    uri: string | null;
    problems: readonly CertificateProblem[];
    certificate: MarkEvidence | null;
  }>({
    // The rule makes it a warning if there is a certificate that cannot be used.
    severity: 'info',
    title: 'The BIMI record has no usable certificate',
    message: ({ name, uri, problems, certificate }) => {
      if (uri === null) return `The BIMI record at ${name} names no certificate (a=).`;
      const until =
        problems.includes('expired') && certificate !== null ? ` (on ${quoteInput(certificate.notAfter)})` : '';
      const others =
        problems.includes('other-domain') && certificate !== null && certificate.names.length > 0
          ? ` It names ${clauses(certificate.names.map(quoteInput))}.`
          : '';
      return `The certificate ${quoteInput(uri)} cannot be used: ${clauses(problems.map(describeCertificate))}${until}.${others}`;
    },
    explanation:
      'Gmail and Apple show a logo only with a mark certificate (VMC or CMC). Some other mailbox providers show it without one.',
    remediation: ({ name, uri, problems }) => {
      if (uri === null) {
        return { summary: `Optional: get a VMC or CMC for the logo, and put its address in a= at ${name}.` };
      }
      return {
        summary: problems.includes('other-logo')
          ? 'Serve the logo that is in the certificate, or have the certificate issued again with the new logo.'
          : 'Have the certificate issued again for this domain, and serve it with its chain in PEM form.',
      };
    },
    reference: 'draft-fetch-validation-vmc-wchuang',
  }),
  'bimi/inconclusive': inconclusiveSpec({
    title: 'BIMI could not be checked',
    explanation: 'A mailbox provider that cannot look up the record or fetch its files shows no logo.',
    reference: 'BIMI draft §8',
    reasons: {
      'record-lookup-failed': reason<Unanswered>({
        says: ({ query }) => `The BIMI record at ${query.name} could not be looked up (${query.rcode}).`,
        fix: ({ query }) => contactServers(query),
      }),
      'dmarc-lookup-failed': reason<Unanswered>({
        says: ({ query }) =>
          `The lookup of ${query.name} failed (${query.rcode}), so it is unknown whether DMARC is enforced.`,
        fix: ({ query }) => contactServers(query),
      }),
      'host-lookup-failed': reason<Unanswered & { file: BimiFile }>({
        says: ({ file, query }) =>
          `${FILES[file]} was not fetched: the lookup of ${query.name} failed (${query.rcode}).`,
        fix: ({ query }) => contactServers(query),
      }),
      'fetch-failed': reason<{ file: BimiFile; uri: string; detail: string }>({
        says: ({ file, uri, detail }) => `${FILES[file]} ${quoteInput(uri)} could not be fetched from here: ${detail}.`,
        fix: () => 'Run the check again from a network that may open web connections.',
      }),
      'other-port': reason<{ file: BimiFile; uri: string; port: number }>({
        says: ({ file, uri, port }) =>
          `${FILES[file]} ${quoteInput(uri)} was not fetched: it is on port ${port}, and mailcheck connects to port 443 only.`,
        fix: () => 'Serve the file on port 443. Some mailbox providers connect to no other port.',
      }),
    },
  }),
} as const;

export type Emitter = Emit<typeof findings>;
