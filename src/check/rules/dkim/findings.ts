import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { OctetString } from '../../../network/octet-string.ts';
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { PrivateKeyFault } from '../../../standards/dkim/private-key.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import type { SelectorMeaning } from '../../../standards/dkim/selector-meaning.ts';
import type { DkimSlip } from '../../../standards/dkim/slips.ts';
import { nameValue, textValue } from '../../../standards/zone-file/line.ts';
import { type Edit, editDkim, onlyValues, removeValues } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { messageFindings, messageReasons } from './message-findings.ts';
import { askAgain, generateKey, publishOrGenerate, type SigningKeyEvidence } from './remedies.ts';
import { describeSlip, describeSyntax, FAULTS, quoteText } from './words.ts';

export interface SelectorEvidence {
  readonly selector: string;
  /** The name of the key record. */
  readonly name: string;
}

export interface RecordEvidence extends SelectorEvidence {
  /** The character strings of the record as published. */
  readonly record: readonly OctetString[];
  /** The last target of the CNAME records through which the record was found. */
  readonly alias?: string;
}

/** The record of a selector as it stands at a wrong name. */
export interface MisplacedEvidence {
  readonly at: string;
  /** The text of the key record, or `null` for an alias. */
  readonly text: OctetString | null;
  /** The target of the alias, or `null` for a key record. */
  readonly target: string | null;
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

/** @returns the name of the record, with the place where it stands if the name is an alias. */
function placeOf({ name, alias }: RecordEvidence): string {
  return alias === undefined ? name : `${name} (an alias of ${alias})`;
}

/** @returns the name at which the record can be changed, with who can change it if the name is an alias. */
function whereOf({ name, alias }: RecordEvidence): string {
  return alias === undefined ? name : `${alias}, of which ${name} is an alias`;
}

function correctRecord({ name }: SelectorEvidence) {
  return { edits: [editDkim(name, { do: 'correct' })] };
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
      `No DKIM key is published (${node.name} does not exist), so no mail of this domain can carry a valid signature.`,
    explanation:
      'Gmail and Yahoo refuse bulk mail without a DKIM signature (Gmail: 550 5.7.30), and without one forwarded mail fails DMARC.',
    remediation: ({ signingKey }, target) =>
      publishOrGenerate(target, 'mail', signingKey, 'let the mail server sign with it'),
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
    remediation: ({ signingKey }, target) => ({
      summary: `Pass the selector the server signs with: --selector <name>. It is the s= value of the DKIM-Signature header in any message sent.${signingKey ? ' If the key you gave is not published yet, the second command prints its record.' : ''}`,
      commands: [
        ...ownCommand(target, 'check', '--selector', 'SELECTOR'),
        ...(signingKey ? ownCommand(target, 'records', '--selector', 'mail', '--dkim-key', 'PRIVATE_KEY_FILE') : []),
      ],
    }),
    reference: 'RFC 6376 §3.1',
  }),
  'dkim/selector-missing': findingSpec<
    SelectorEvidence & {
      query: QueryEvidence;
      signingKey: SigningKeyEvidence | null;
      misplaced: MisplacedEvidence | null;
    }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector has no key record',
    message: ({ name, query, misplaced }) =>
      misplaced
        ? `${name} has no TXT record (${query.rcode}): its ${misplaced.target === null ? 'key record' : 'CNAME record'} stands at ${misplaced.at} instead.`
        : `${name} has no TXT record (${query.rcode}): signatures with this selector fail.`,
    explanation: 'A verifier that finds no key treats the message as unsigned.',
    remediation: ({ name, selector, signingKey, misplaced }, target) =>
      misplaced
        ? moveRecord(name, misplaced, target.domain)
        : publishOrGenerate(target, selector, signingKey, `let the mail server sign with it as ${selector}`),
    reference: 'RFC 6376 §3.6.2.2',
  }),
  'dkim/cname-broken': findingSpec<
    SelectorEvidence & {
      chain: readonly string[];
      query: QueryEvidence;
      /** The other selectors of the same service whose keys are good. */
      pairs: readonly string[];
      /** The target with a key that was meant, if the domain was appended to it. */
      meant: string | null;
    }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector’s CNAME leads nowhere',
    message: ({ name, chain, query, meant, pairs }) =>
      `${name} is an alias of ${chain.at(-1)}, which has no TXT record (${query.rcode}).${
        meant === null ? '' : ` The domain was appended to the target: ${meant} has the key.`
      }${pairs.length > 0 ? ` The service signs with ${pairs.join(', ')} now.` : ''}`,
    explanation:
      'Signatures with this selector fail; and if the target’s domain lapses, whoever registers it can sign as you.',
    remediation: ({ name, chain, pairs, meant }) => {
      if (meant !== null) {
        const because = `writes the target as ${meant}, without the domain that was appended to it`;
        return {
          summary: `Write the target of the CNAME record at ${name} with a dot at its end, so that the editor does not append the domain.`,
          edits: [withBecause(onlyValues('CNAME', name, nameValue(meant)), because)],
        };
      }
      if (pairs.length > 0) {
        return {
          summary: `Keep the CNAME at ${name}: the service publishes a key there when it changes keys. Nothing needs to be done.`,
        };
      }
      return {
        summary: `Finish the set-up of the domain at the service that gave you ${chain.at(-1)}, correct the target, or delete the CNAME at ${name} if the service is no longer used.`,
      };
    },
    reference: 'RFC 6376 §3.6.2',
  }),
  'dkim/multiple-records': findingSpec<
    SelectorEvidence & {
      records: readonly (readonly OctetString[])[];
      /** What was meant by all of them together. */
      meaning: SelectorMeaning['kind'];
      slips: readonly DkimSlip[];
      /** The texts that are not part of the record that was meant. */
      leftOut: readonly OctetString[];
      /** What is wrong with the records that were damaged by copying. */
      damage: readonly DkimSlip[];
    }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The selector has several TXT records',
    message: ({ name, records, meaning, slips, leftOut, damage }) => {
      const seen = [...new Set([...slips, ...damage])].map(describeSlip).join('; ');
      const which =
        meaning === 'corrected'
          ? `: ${seen}${leftOut.length > 0 ? `. What does not belong there: ${leftOut.map(quoteText).join(', ')}` : ''}`
          : `${meaning === 'several' ? ' with different keys' : ''}; nothing says which one a receiver takes`;
      return `${name} has ${records.length} TXT records${which}.`;
    },
    explanation: 'Receivers pick one of them, or none, so signatures pass here and fail there.',
    remediation: (evidence) =>
      evidence.meaning === 'corrected'
        ? {
            summary: `Publish one TXT record at ${evidence.name}: the key stays, and what does not belong to it goes.`,
            ...correctRecord(evidence),
          }
        : {
            summary: `Keep the record of the key in use at ${evidence.name} and delete the others; a second key needs a selector of its own.`,
          },
    reference: 'RFC 6376 §3.6.2.2',
  }),
  'dkim/syntax-error': findingSpec<
    RecordEvidence & {
      defects: readonly KeySyntaxDefect[];
      meaning: SelectorMeaning['kind'];
      /** The name to which a CNAME record should point, if the text is one. */
      target: string | null;
      /** Whether there is a key at this name. */
      targetHasKey: boolean;
      signingKey: SigningKeyEvidence | null;
    }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key record is not valid',
    message: (evidence) => {
      const { defects, meaning, target, record } = evidence;
      if (target !== null) {
        return `${placeOf(evidence)} has a TXT record with the name ${target}, which should be the target of a CNAME record${evidence.targetHasKey ? '' : ', but has no key'}.`;
      }
      if (meaning === 'unrelated') return `${placeOf(evidence)}: ${quoteText(record.join(''))} is no key record.`;
      return `${placeOf(evidence)}: ${defects.slice(0, 3).map(describeSyntax).join('; ')}.`;
    },
    explanation: 'A verifier must ignore a record that does not follow the grammar, and the signature fails.',
    remediation: (evidence, target) => {
      const { name, selector, record, meaning, signingKey } = evidence;
      if (evidence.target !== null) return makeAlias(name, evidence.target, record, evidence.targetHasKey);
      if (meaning === 'corrected') {
        return {
          summary: `Replace the TXT record at ${whereOf(evidence)}${evidence.alias === undefined ? '' : ','} with the corrected one.`,
          ...correctRecord(evidence),
        };
      }
      if (meaning === 'unrelated') {
        return publishOrGenerate(target, selector, signingKey, `let the mail server sign with it as ${selector}`);
      }
      return {
        summary: `Write the TXT record at ${whereOf(evidence)} again as tag=value pairs with semicolons between them, v=DKIM1 first and p= with the key you have, each tag once.`,
        commands: ownCommand(target, 'records', '--selector', selector, '--dkim-key', 'PRIVATE_KEY_FILE'),
      };
    },
    reference: 'RFC 6376 §3.2, §3.6.1',
  }),
  'dkim/key-mangled': findingSpec<
    RecordEvidence & {
      damage: readonly DkimSlip[];
      correct: string | null;
      /** Whether lenient verifiers read the key all the same. */
      isReadable: boolean;
    }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key record was damaged by copying',
    message: (evidence) =>
      `${placeOf(evidence)}: ${evidence.damage.map(describeSlip).join('; ')}.${evidence.isReadable ? ' Strict verifiers do not find the tags.' : ''}`,
    explanation: 'Receivers that cannot read the key fail every signature with this selector.',
    remediation: (evidence, target) =>
      evidence.correct === null
        ? {
            summary: `Copy the key once more from where it was generated and publish it at ${whereOf(evidence)}; what is published now does not hold the whole key. With the private key, the command prints the record.`,
            commands: ownCommand(target, 'records', '--selector', evidence.selector, '--dkim-key', 'PRIVATE_KEY_FILE'),
          }
        : {
            summary: `Replace the TXT record at ${whereOf(evidence)}${evidence.alias === undefined ? '' : ','} with the repaired one. The key in it is whole.`,
            ...correctRecord(evidence),
          },
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-invalid': findingSpec<RecordEvidence & { fault: KeyFault; octets: number; detail: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The published key is no key',
    message: (evidence) => `${placeOf(evidence)}: ${FAULTS[evidence.fault](evidence.octets, evidence.detail)}.`,
    explanation: 'Receivers cannot read the key, so every signature with this selector fails.',
    remediation: ({ selector }, target) => generateKey(target, selector, 'Generate a new key pair and publish it.'),
    reference: 'RFC 6376 §3.6.1, RFC 8463 §4',
  }),
  'dkim/private-key-published': findingSpec<SelectorEvidence>({
    severity: 'error',
    title: 'A private key is published',
    message: ({ name }) => `${name} holds a private key: anyone can sign mail as this domain.`,
    explanation: 'Whoever has read the record once can forge signed mail for as long as the selector exists.',
    remediation: ({ name, selector }, target) =>
      generateKey(
        target,
        `${selector === '*' ? 'mail' : selector}-new`,
        `Delete the record at ${name} now. That key is burnt: generate another pair under a new selector.`,
      ),
    reference: 'RFC 6376 §8',
  }),
  'dkim/revoked': findingSpec<RecordEvidence & { isGiven: boolean }>({
    severity: 'warning',
    causes: ['no-dkim'],
    title: 'The key is revoked',
    message: (evidence) => `The key at ${placeOf(evidence)} is revoked (p= is empty): signatures with it fail.`,
    explanation: 'An empty p= says that the key must no longer be trusted.',
    remediation: ({ selector, isGiven }, target) => {
      const free = `${selector}-new`;
      return isGiven
        ? generateKey(target, free, `Sign with another selector, such as ${free}, that has a key of its own.`)
        : { summary: 'Nothing needs to be done if nothing signs with this selector any more.' };
    },
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-too-short': findingSpec<StrengthEvidence>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The RSA key is shorter than 1024 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits; receivers ignore keys below 1024.`,
    explanation: 'A key this short can be broken; verifiers must not accept it.',
    remediation: ({ selector }, target) =>
      generateKey(
        target,
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
    remediation: ({ selector }, target) =>
      generateKey(
        target,
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
    remediation: ({ selector }, target) =>
      generateKey(
        target,
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
    remediation: ({ name, alias, signingKey }) =>
      alias === undefined
        ? {
            summary: `Publish the record of the key in use at ${name}, or let the server sign with the private key of the published one.`,
            edits: [editDkim(name, { do: 'publish', text: signingKey.record })],
          }
        : {
            summary: `Let the server sign with the private key that belongs to ${alias}, of which ${name} is an alias, or publish the key in use at a selector of its own.`,
          },
    reference: 'RFC 6376 §3.6',
  }),
  'dkim/sha1-only': findingSpec<RecordEvidence & { hashes: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key does not allow SHA-256',
    message: ({ name, hashes }) =>
      `${name} allows only ${quoteText(hashes.join(':'))} (h=), which no receiver accepts.`,
    explanation: 'rsa-sha1 must not be used or verified any more; without sha256 no signature can pass.',
    remediation: (evidence) => ({
      summary: `Remove the h= tag from the record at ${whereOf(evidence)}, or write h=sha256.`,
      edits: [leaveOut(evidence, 'h', 'because receivers accept sha256 only')],
    }),
    reference: 'RFC 8301 §3.1',
  }),
  'dkim/ed25519-only': findingSpec<{ selectors: readonly string[] }>({
    severity: 'warning',
    title: 'All keys found are Ed25519',
    message: ({ selectors }) => `Only Ed25519 keys were found (${selectors.join(', ')}).`,
    explanation: 'Gmail, Microsoft and other large receivers do not verify Ed25519: to them the mail is unsigned.',
    remediation: (_, target) => generateKey(target, 'rsa', 'Sign with an RSA key of 2048 bits as well.'),
    reference: 'RFC 8463',
  }),
  'dkim/key-type-unknown': findingSpec<RecordEvidence & { keyType: string; correct: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key type is not known',
    message: ({ name, keyType }) =>
      `${name} has k=${quoteText(keyType)}; receivers know rsa and ed25519, in lower case.`,
    explanation: 'A key of an unknown type is ignored, and the signature fails.',
    remediation: (evidence) => ({
      summary: `Write the type of the key in the record at ${whereOf(evidence)}: k=rsa, or k=ed25519 for such a key.`,
      ...(evidence.correct === null ? {} : correctRecord(evidence)),
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/service-excludes-email': findingSpec<RecordEvidence & { services: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key is not for e-mail',
    message: ({ name, services }) =>
      `${name} limits the key to ${quoteText(services.join(':'))} (s=), which leaves out e-mail.`,
    explanation: 'A verifier must not use a key whose s= names neither "email" nor "*".',
    remediation: (evidence) => ({
      summary: `Remove the s= tag from the record at ${whereOf(evidence)}.`,
      edits: [leaveOut(evidence, 's', 'because the key is for e-mail')],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/testing': findingSpec<RecordEvidence>({
    severity: 'warning',
    title: 'The key is marked as a test',
    message: ({ name }) => `${name} has t=y: the domain is testing DKIM.`,
    explanation: 'Verifiers may treat mail signed with it as unsigned.',
    remediation: (evidence) => ({
      summary: `Remove y from the t= tag in the record at ${whereOf(evidence)} once signing works.`,
      edits: [leaveOut(evidence, 't', 'because the test is over', ['y'])],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/obsolete-granularity': findingSpec<RecordEvidence & { value: string }>({
    severity: 'info',
    title: 'The record has the obsolete tag g=',
    message: ({ name, value }) => `${name} has g=${quoteText(value)}, a tag that RFC 6376 removed.`,
    explanation:
      'Receivers ignore it, but old ones match it against the sender’s local part, and an empty value matches none.',
    remediation: (evidence) => ({
      summary: `Remove the g= tag from the record at ${whereOf(evidence)}.`,
      edits: [leaveOut(evidence, 'g', 'which RFC 6376 removed')],
    }),
    reference: 'RFC 6376 App. E',
  }),
  'dkim/wildcard': findingSpec<{
    query: QueryEvidence;
    records: readonly (readonly OctetString[])[];
    /** Whether the wildcard revokes all selectors without a record of their own. */
    isProtective: boolean;
  }>({
    severity: 'warning',
    title: 'Every selector has a record: a wildcard answers',
    message: ({ query, isProtective }) =>
      isProtective
        ? `A wildcard answers for every selector without a record of its own, such as ${query.name}, with an empty p=: nothing can be signed with them.`
        : `A selector that cannot exist, ${query.name}, has a TXT record: a wildcard answers for all.`,
    explanation: 'Receivers read whatever the wildcard holds as the key of a mistyped or retired selector.',
    remediation: ({ isProtective }, { domain }) => ({
      summary: isProtective
        ? 'Nothing needs to be done: the wildcard protects the domain.'
        : `Replace the wildcard (*._domainkey.${domain} or *.${domain}) by records at the selectors in use.`,
    }),
    reference: 'RFC 6376 §3.6.2.1, RFC 4592',
  }),
  'dkim/selector-name': findingSpec<SelectorEvidence>({
    severity: 'info',
    title: 'The selector has characters that a selector may not have',
    message: ({ selector }) =>
      `The selector ${quoteText(selector)} is not made of letters, digits and hyphens, as RFC 6376 §3.1 requires${selector.includes('_') ? ': an underscore is not among them' : ''}.`,
    explanation: 'Most receivers accept such a selector, but a strict verifier may reject the signature.',
    remediation: () => ({
      summary: 'Choose a selector of letters, digits and hyphens when the key is changed next.',
    }),
    reference: 'RFC 6376 §3.1',
  }),
  ...messageFindings,
  'dkim/inconclusive': inconclusiveSpec({
    title: 'DKIM could not be checked',
    explanation: 'Receivers that cannot fetch the key defer the message or treat it as unsigned.',
    reference: 'RFC 6376 §6.1.2',
    reasons: {
      'private-key-unusable': reason<{ fault: PrivateKeyFault }>({
        says: ({ fault }) => `The private key given cannot be used (${fault}).`,
        fix: ({ fault }) => PRIVATE_KEY_FIX[fault],
      }),
      'private-key-not-in-use': reason({
        says: () =>
          'The private key given is neither the pair of a key found nor of the one your message is signed with.',
        fix: (_evidence, target) => ({
          summary:
            'Pass the private key that the host signs with as --dkim-key. If the key given is to be used from now on, publish its record at the selector of your choice; the command prints it.',
          commands: ownCommand(target, 'records', '--selector', 'SELECTOR', '--dkim-key', 'PRIVATE_KEY_FILE'),
        }),
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

/** What to do about a file that holds no usable private key. */
const PRIVATE_KEY_FIX: Readonly<Record<PrivateKeyFault, string>> = {
  'not-a-private-key': 'Pass the file of the private key in PEM (it begins with -----BEGIN) as --dkim-key.',
  encrypted:
    'Remove the passphrase from a copy of the key (openssl pkey -in KEY -out COPY) and pass that as --dkim-key.',
  public: 'Pass the file of the private key as --dkim-key, not the one of the public key.',
  'other-type': 'Sign with an RSA key of 2048 bits: DKIM knows only RSA and Ed25519 keys.',
};

function leaveOut({ name }: RecordEvidence, tag: string, because: string, items?: readonly string[]): Edit {
  return editDkim(name, { do: 'leave-out', tag, because, ...(items ? { items } : {}) });
}

/** @returns the remediation to move a record to the name at which it belongs. */
function moveRecord(name: string, { at, text, target }: MisplacedEvidence, domain: string): Fix {
  const typed = name.slice(0, -(domain.length + 1));
  const isDoubled = at === `${name}.${domain}`;
  const how = isDoubled
    ? `The editor appended the domain to the name: enter only ${typed} as the name.`
    : `The name must be ${typed} within the zone of ${domain}.`;
  return {
    summary: `Move the record from ${at} to ${name}. ${how} The key stays the same.`,
    edits:
      target === null
        ? [editDkim(name, { do: 'publish', text: text ?? '', moves: at })]
        : [withBecause(onlyValues('CNAME', name, nameValue(target)), `moves the CNAME record from ${at}`)],
  };
}

/** @returns the remediation to publish as a CNAME record what was typed as a TXT record. */
function makeAlias(name: string, target: string, record: readonly OctetString[], hasKey: boolean): Fix {
  if (!hasKey) {
    return {
      summary: `Ask the service that gave you ${target} for the right target, then publish a CNAME record to it at ${name} in the place of the TXT record.`,
    };
  }
  const because = `makes a CNAME record of the TXT record that holds the name ${target}`;
  return {
    summary: `Publish a CNAME record at ${name} that points to ${target}, and delete the TXT record there, because nothing can stand beside a CNAME.`,
    edits: [
      withBecause(onlyValues('CNAME', name, nameValue(target)), because),
      withBecause(
        removeValues('TXT', name, textValue(record.join(''))),
        `deletes the TXT record, because nothing can stand beside a CNAME`,
      ),
    ],
  };
}

function withBecause(edit: Edit, because: string): Edit {
  return edit.change.do === 'values' ? ({ ...edit, change: { ...edit.change, because } } as Edit) : edit;
}
