import type { OctetString, QueryEvidence } from '../../../network/dns/answer.ts';
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { KeyDamage } from '../../../standards/dkim/mangled.ts';
import type { PrivateKeyFault } from '../../../standards/dkim/private-key.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import { txtRecord } from '../../../standards/zone-file/line.ts';
import { quoteInput } from '../../../usage-error.ts';
import { findingSpec } from '../finding.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { messageFindings, messageReasons } from './message-findings.ts';
import { askAgain, generateKey, publishOrGenerate, type SigningKeyEvidence } from './remedies.ts';
import { DAMAGE, describeSyntax, FAULTS } from './words.ts';

export interface SelectorEvidence {
  readonly selector: string;
  /** The name of the key record. */
  readonly name: string;
}

export interface RecordEvidence extends SelectorEvidence {
  /** The character strings of the record as published. */
  readonly record: readonly OctetString[];
}

export interface StrengthEvidence extends SelectorEvidence {
  readonly bits: number;
  /** Whether the key is published. `false` for a given private key that is not published yet. */
  readonly published: boolean;
}

export interface SearchEvidence {
  readonly tried: readonly string[];
  readonly node: QueryEvidence;
  readonly control: QueryEvidence;
  readonly signingKey: SigningKeyEvidence | null;
}

function ofKey({ name, published }: StrengthEvidence): string {
  return published ? `The key at ${name}` : 'The private key you gave';
}

export const findings = {
  'dkim/none-exist': findingSpec<SearchEvidence>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The domain has no DKIM key',
    message: ({ node }) =>
      `${node.name} does not exist, so no selector below it can: mail of this domain cannot carry a valid signature.`,
    explanation:
      'Gmail and Yahoo refuse bulk mail without a DKIM signature (Gmail: 550 5.7.30), and without one forwarded mail fails DMARC.',
    remediation: ({ signingKey }, { domain }) =>
      publishOrGenerate(domain, 'mail', signingKey, 'let the mail server sign with it'),
    reference: 'RFC 6376 §3.6.2, RFC 8020 §2',
  }),
  'dkim/selector-unknown': findingSpec<
    SearchEvidence & {
      existence: 'some' | 'unknown';
      found: readonly string[];
      /**
       * Whether the zone's server follows RFC 8020. `false` when it denies the existence of a name that has names below
       * it.
       */
      rfc8020: boolean;
    }
  >({
    severity: 'inconclusive',
    title: 'The selector in use is not known',
    message: ({ existence, tried, found, signingKey }) => {
      if (signingKey && found.length > 0) {
        return `The private key you gave is not the pair of any key found (${found.join(', ')}), and other selectors cannot be listed.`;
      }
      const none = found.length > 0 ? `None of the keys found (${found.join(', ')}) can be used` : 'No key was found';
      return existence === 'some'
        ? `${none}, though something exists below _domainkey; ${tried.length} usual selectors were tried.`
        : `${none} at ${tried.length} usual selectors, and the DNS does not tell whether there are others.`;
    },
    explanation:
      'A selector is a free choice and nothing lists those in use, so a key that was not found may exist all the same.',
    remediation: ({ signingKey }, { domain }) => ({
      summary: `Pass the selector the server signs with: --selector <name>. It is the s= value of the DKIM-Signature header in any message sent.${signingKey ? ' If the key you gave is not published yet, publish the record below.' : ''}`,
      commands: [`mailcheck ${domain} --selector SELECTOR`],
      ...(signingKey ? { records: [txtRecord(`mail._domainkey.${domain}`, signingKey.record)] } : {}),
    }),
    reference: 'RFC 6376 §3.1',
  }),
  'dkim/selector-missing': findingSpec<
    SelectorEvidence & { query: QueryEvidence; signingKey: SigningKeyEvidence | null }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector has no key record',
    message: ({ name, query }) => `${name} has no TXT record (${query.rcode}): signatures with this selector fail.`,
    explanation: 'A verifier that finds no key treats the message as unsigned.',
    remediation: ({ selector, signingKey }, { domain }) =>
      publishOrGenerate(domain, selector, signingKey, `let the mail server sign with it as ${selector}`),
    reference: 'RFC 6376 §3.6.2.2',
  }),
  'dkim/cname-broken': findingSpec<SelectorEvidence & { chain: readonly string[]; query: QueryEvidence }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector’s CNAME leads nowhere',
    message: ({ name, chain, query }) =>
      `${name} is an alias of ${chain.at(-1)}, which has no TXT record (${query.rcode}).`,
    explanation:
      'Signatures with this selector fail; and if the target’s domain lapses, whoever registers it can sign as you.',
    remediation: ({ name, chain }) => ({
      summary: `Finish the set-up of the domain at the service that gave you ${chain.at(-1)}, correct the target, or delete the CNAME at ${name} if the service is no longer used.`,
    }),
    reference: 'RFC 6376 §3.6.2',
  }),
  'dkim/multiple-records': findingSpec<SelectorEvidence & { records: readonly (readonly OctetString[])[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector has several TXT records',
    message: ({ name, records }) =>
      `${name} has ${records.length} TXT records; nothing says which one a receiver takes.`,
    explanation: 'Receivers pick one of them, or none, so signatures pass here and fail there.',
    remediation: ({ name }) => ({
      summary: `Keep the record of the key in use at ${name} and delete the others; a second key needs a selector of its own.`,
    }),
    reference: 'RFC 6376 §3.6.2.2',
  }),
  'dkim/syntax-error': findingSpec<RecordEvidence & { defects: readonly KeySyntaxDefect[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key record is not valid',
    message: ({ name, defects }) => `${name}: ${defects.slice(0, 3).map(describeSyntax).join('; ')}.`,
    explanation: 'A verifier must ignore a record that does not follow the grammar, and the signature fails.',
    remediation: ({ name }) => ({
      summary: `Rewrite the TXT record at ${name} as: v=DKIM1; k=rsa; p=<the public key in base64>, each tag once.`,
    }),
    reference: 'RFC 6376 §3.2, §3.6.1',
  }),
  'dkim/key-mangled': findingSpec<RecordEvidence & { damage: readonly KeyDamage[]; correct: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key record was damaged by copying',
    message: ({ name, damage }) => `${name}: ${damage.map((kind) => DAMAGE[kind]).join('; ')}.`,
    explanation: 'Receivers cannot read the key, so every signature with this selector fails.',
    remediation: ({ name, selector, correct }, { domain }) =>
      correct === null
        ? {
            summary: `Copy the key once more from where it was generated and publish it at ${name}; what is published now cannot be repaired.`,
            commands: [`mailcheck ${domain} --selector ${selector} --dkim-key PRIVATE_KEY_FILE`],
          }
        : { summary: `Replace the TXT record at ${name} with the repaired one.`, records: [txtRecord(name, correct)] },
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-invalid': findingSpec<RecordEvidence & { fault: KeyFault; octets: number; detail: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The published key is no key',
    message: ({ name, fault, octets, detail }) => `${name}: ${FAULTS[fault](octets, detail)}.`,
    explanation: 'Receivers cannot read the key, so every signature with this selector fails.',
    remediation: ({ selector }, { domain }) => generateKey(domain, selector, 'Generate a new key pair and publish it.'),
    reference: 'RFC 6376 §3.6.1, RFC 8463 §4',
  }),
  'dkim/private-key-published': findingSpec<SelectorEvidence>({
    severity: 'error',
    title: 'A private key is published',
    message: ({ name }) => `${name} holds a private key: anyone can sign mail as this domain.`,
    explanation: 'Whoever has read the record once can forge signed mail for as long as the selector exists.',
    remediation: ({ name, selector }, { domain }) =>
      generateKey(
        domain,
        `${selector === '*' ? 'mail' : selector}-new`,
        `Delete the record at ${name} now. That key is burnt: generate another pair under a new selector.`,
      ),
    reference: 'RFC 6376 §8',
  }),
  'dkim/revoked': findingSpec<RecordEvidence>({
    severity: 'warning',
    causes: ['no-dkim'],
    title: 'The key is revoked',
    message: ({ name }) => `The key at ${name} is revoked (p= is empty): signatures with it fail.`,
    explanation: 'An empty p= says that the key must no longer be trusted.',
    remediation: ({ name }) => ({
      summary: `Sign with another selector, or publish the key in p= at ${name}. If nothing signs with it any more, nothing needs to be done.`,
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-too-short': findingSpec<StrengthEvidence>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The RSA key is shorter than 1024 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits; receivers ignore keys below 1024.`,
    explanation: 'A key this short can be broken; verifiers must not accept it.',
    remediation: ({ selector }, { domain }) =>
      generateKey(
        domain,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Replace it with an RSA key of 2048 bits under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-weak': findingSpec<StrengthEvidence>({
    severity: 'warning',
    title: 'The RSA key is shorter than 2048 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits; 2048 are recommended.`,
    explanation: 'It is still accepted, but the standard and Gmail ask for 2048 bits.',
    remediation: ({ selector }, { domain }) =>
      generateKey(
        domain,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Rotate to an RSA key of 2048 bits under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-oversize': findingSpec<StrengthEvidence>({
    severity: 'warning',
    title: 'The RSA key is longer than 4096 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits; verifiers need not support more than 4096.`,
    explanation: 'Receivers may fail the signature, or time out fetching the record.',
    remediation: ({ selector }, { domain }) =>
      generateKey(
        domain,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Use an RSA key of 2048 bits under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-mismatch': findingSpec<
    RecordEvidence & { published: string; signing: string; signingKey: SigningKeyEvidence }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The published key is not the pair of the private key',
    message: ({ name }) => `The key at ${name} does not belong to the private key you gave: its signatures fail.`,
    explanation: 'A verifier checks the signature with the published key; only the pair of the signing key fits.',
    remediation: ({ name, signingKey }) => ({
      summary: `Publish the record of the key in use at ${name}, or let the server sign with the private key of the published one.`,
      records: [txtRecord(name, signingKey.record)],
    }),
    reference: 'RFC 6376 §3.6',
  }),
  'dkim/sha1-only': findingSpec<RecordEvidence & { hashes: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key does not allow SHA-256',
    message: ({ name, hashes }) =>
      `${name} allows only ${quoteInput(hashes.join(':'))} (h=), which no receiver accepts.`,
    explanation: 'rsa-sha1 must not be used or verified any more; without sha256 no signature can pass.',
    remediation: ({ name, record }) => ({
      summary: `Remove the h= tag from the record at ${name}, or write h=sha256.`,
      records: [txtRecord(name, withoutTag(record, 'h'))],
    }),
    reference: 'RFC 8301 §3.1',
  }),
  'dkim/ed25519-only': findingSpec<{ selectors: readonly string[] }>({
    severity: 'warning',
    title: 'All keys found are Ed25519',
    message: ({ selectors }) => `Only Ed25519 keys were found (${selectors.join(', ')}).`,
    explanation: 'Gmail, Microsoft and other large receivers do not verify Ed25519: to them the mail is unsigned.',
    remediation: (_, { domain }) => generateKey(domain, 'rsa', 'Sign with an RSA key of 2048 bits as well.'),
    reference: 'RFC 8463',
  }),
  'dkim/key-type-unknown': findingSpec<RecordEvidence & { keyType: string }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key type is not known',
    message: ({ name, keyType }) =>
      `${name} has k=${quoteInput(keyType)}; receivers know rsa and ed25519, in lower case.`,
    explanation: 'A key of an unknown type is ignored, and the signature fails.',
    remediation: ({ name }) => ({ summary: `Write k=rsa (or k=ed25519 for such a key) in the record at ${name}.` }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/service-excludes-email': findingSpec<RecordEvidence & { services: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key is not for e-mail',
    message: ({ name, services }) =>
      `${name} limits the key to ${quoteInput(services.join(':'))} (s=), which leaves out e-mail.`,
    explanation: 'A verifier must not use a key whose s= names neither "email" nor "*".',
    remediation: ({ name, record }) => ({
      summary: `Remove the s= tag from the record at ${name}.`,
      records: [txtRecord(name, withoutTag(record, 's'))],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/testing': findingSpec<RecordEvidence>({
    severity: 'warning',
    title: 'The key is marked as a test',
    message: ({ name }) => `${name} has t=y: the domain is testing DKIM.`,
    explanation: 'Verifiers may treat mail signed with it as unsigned.',
    remediation: ({ name, record }) => ({
      summary: `Remove y from the t= tag in the record at ${name} once signing works.`,
      records: [
        txtRecord(
          name,
          withoutTag(record, 't', (flags) => flags.filter((flag) => flag !== 'y')),
        ),
      ],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/obsolete-granularity': findingSpec<RecordEvidence & { value: string }>({
    severity: 'info',
    title: 'The record has the obsolete tag g=',
    message: ({ name, value }) => `${name} has g=${quoteInput(value)}, a tag that RFC 6376 removed.`,
    explanation:
      'Receivers ignore it, but old ones match it against the sender’s local part, and an empty value matches none.',
    remediation: ({ name, record }) => ({
      summary: `Remove the g= tag from the record at ${name}.`,
      records: [txtRecord(name, withoutTag(record, 'g'))],
    }),
    reference: 'RFC 6376 App. E',
  }),
  'dkim/wildcard': findingSpec<{ query: QueryEvidence; records: readonly (readonly OctetString[])[] }>({
    severity: 'warning',
    title: 'Every selector has a record: a wildcard answers',
    message: ({ query }) =>
      `A selector that cannot exist, ${query.name}, has a TXT record: a wildcard answers for all.`,
    explanation: 'Receivers read whatever the wildcard holds as the key of a mistyped or retired selector.',
    remediation: (_, { domain }) => ({
      summary: `Replace the wildcard (*._domainkey.${domain} or *.${domain}) by records at the selectors in use.`,
    }),
    reference: 'RFC 6376 §3.6.2.1, RFC 4592',
  }),
  ...messageFindings,
  'dkim/inconclusive': inconclusiveSpec({
    title: 'DKIM could not be checked',
    explanation: 'Receivers that cannot fetch the key defer the message or treat it as unsigned.',
    reference: 'RFC 6376 §6.1.2',
    reasons: {
      'private-key-unusable': reason<{ fault: PrivateKeyFault }>({
        says: ({ fault }) => `The private key given cannot be used (${fault}).`,
        fix: askAgain,
      }),
      'private-key-not-in-use': reason({
        says: () =>
          'The private key given is neither the pair of a key found nor of the one your message is signed with.',
        fix: askAgain,
      }),
      'key-lookup-failed': reason<{ selector: string; query: QueryEvidence }>({
        says: ({ selector, query }) => `The key record of selector ${selector} could not be fetched (${query.rcode}).`,
        fix: askAgain,
      }),
      'search-lookups-failed': reason<{ queries: readonly QueryEvidence[]; failed: number }>({
        says: ({ failed }) => `${failed} of the queries that look for selectors got no answer, so a key may exist.`,
        fix: askAgain,
      }),
      ...messageReasons,
    },
  }),
} as const;

/** @returns the record without one tag, or with only the values in that tag's list that `keep` accepts. */
function withoutTag(
  record: readonly OctetString[],
  tag: string,
  keep: (items: string[]) => string[] = () => [],
): string {
  const text = Buffer.from(record.join(''), 'latin1').toString('utf8');
  return text
    .split(';')
    .map((piece) => {
      const [name = '', value = ''] = piece.split('=');
      if (name.trim() !== tag) return piece.trim();
      const kept = keep(value.split(':').map((item) => item.trim().toLowerCase()));
      return kept.length > 0 ? `${tag}=${kept.join(':')}` : '';
    })
    .filter((piece) => piece !== '')
    .join('; ');
}
