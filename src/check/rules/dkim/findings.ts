import type { QueryEvidence } from '../../../network/dns/answer.ts';
import type { OctetString } from '../../../network/octet-string.ts';
import { listed } from '../../../report/listed.ts';
import type { KeySyntaxDefect } from '../../../standards/dkim/key-record.ts';
import type { PrivateKeyFault } from '../../../standards/dkim/private-key.ts';
import type { KeyFault } from '../../../standards/dkim/public-key.ts';
import type { SelectorMeaning } from '../../../standards/dkim/selector-meaning.ts';
import type { DkimSlip } from '../../../standards/dkim/slips.ts';
import { nameValue, textValue } from '../../../standards/zone-file/line.ts';
import { absence } from '../dns-words.ts';
import { type Edit, editDkim, onlyValues, removeValues } from '../edit.ts';
import { findingSpec } from '../finding.ts';
import type { Fix } from '../fix.ts';
import { inconclusiveSpec, reason } from '../inconclusive.ts';
import { ownCommand } from '../own-command.ts';
import { shown } from '../quoted.ts';
import { messageFindings, messageReasons } from './message-findings.ts';
import { askAgain, generateKey, publishOrGenerate, type SigningKeyEvidence } from './remedies.ts';
import { switchFindings } from './switch-findings.ts';
import { describeSlip, describeSyntax, FAULTS } from './words.ts';

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

/** The record of a selector that is published at a wrong name. */
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

/** @returns the name of the record, with the target if the name is an alias. */
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
  return published ? `The RSA key at ${name}` : 'The private key you gave';
}

export const findings = {
  'dkim/none-exist': findingSpec<SearchEvidence>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The domain has no DKIM key',
    message: ({ node }) =>
      `No DKIM key is published for ${node.name.replace(/^_domainkey\./, '')} (${node.name} does not exist), so its mail cannot be DKIM-signed.`,
    explanation:
      'Gmail and Yahoo reject bulk mail without a DKIM signature (Gmail: 550 5.7.30). Without one, forwarded mail also fails DMARC.',
    remediation: ({ signingKey }, target) =>
      publishOrGenerate(target, 'mail', signingKey, 'make the mail server sign with it'),
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
    title: 'The DKIM selector in use is unknown',
    message: ({ existence, tried, found, signingKey }) => {
      if (signingKey && found.length > 0) {
        return `The private key you gave matches none of the keys found (${found.join(', ')}), and the DNS cannot list other selectors.`;
      }
      const none =
        found.length > 0 ? `None of the keys found (${found.join(', ')}) can be used` : 'No DKIM key was found';
      const others =
        existence === 'some'
          ? 'and names that mailcheck does not know exist below _domainkey'
          : 'and the DNS does not show whether there are others';
      return `${none}: ${tried.length} common selectors were tried, ${others}.`;
    },
    explanation:
      'A selector can have any name, and the DNS cannot list them. So there may be a key that was not found.',
    remediation: ({ signingKey }, target) => ({
      summary: `Pass the selector the server signs with: --selector <name>. It is the s= value in the DKIM-Signature header of any message it sent.${signingKey ? ' If the key you gave is not published yet, the second command prints its record.' : ''}`,
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
        ? `${name} has no key: its ${misplaced.target === null ? 'key record' : 'CNAME record'} is at ${misplaced.at} instead.`
        : `${name} ${absence(query)}, so signatures with this selector fail.`,
    explanation: 'A receiver that finds no key treats the message as unsigned.',
    remediation: ({ name, selector, signingKey, misplaced }, target) =>
      misplaced
        ? moveRecord(name, misplaced, target.domain)
        : publishOrGenerate(
            target,
            selector,
            signingKey,
            signingKey === null
              ? `make the mail server sign with it as selector ${selector}`
              : `make the mail server sign with it as selector ${selector} when mailcheck says that it is safe to switch`,
          ),
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
    title: 'The CNAME of the selector points to no key',
    message: ({ name, chain, query, meant, pairs }) =>
      `${name} is an alias (CNAME) of ${chain.at(-1)}, which ${absence(query)}.${
        meant === null ? '' : ` The zone editor appended the domain to the target: ${meant} has the key.`
      }${pairs.length > 0 ? ` Another selector of the same service has a key: ${pairs.join(', ')}.` : ''}`,
    explanation:
      'Signatures with this selector fail. If the domain of the target expires, whoever registers it can sign as you.',
    remediation: ({ name, chain, pairs, meant }) => {
      if (meant !== null) {
        const because = `changes the target to ${meant}, without the appended domain`;
        return {
          summary: `Type the target of the CNAME record at ${name} with a final dot, so that the zone editor does not append the domain.`,
          edits: [withBecause(onlyValues('CNAME', name, nameValue(meant)), because)],
        };
      }
      if (pairs.length > 0) {
        return {
          summary: `Nothing to do. Keep the CNAME at ${name}: the service publishes a key there when it changes keys.`,
        };
      }
      return {
        summary: `If you use the service that gave you ${chain.at(-1)}, finish the set-up of the domain there or correct the target. If not, delete the CNAME at ${name}.`,
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
          ? `: ${seen}${leftOut.length > 0 ? `; not part of the key: ${leftOut.map(shown).join(', ')}` : ''}`
          : `${meaning === 'several' ? ' with different keys' : ''}, and a receiver may take any of them`;
      return `${name} has ${records.length} TXT records${which}.`;
    },
    explanation: 'Receivers use one of them or none, so signatures pass at some receivers and fail at others.',
    remediation: (evidence) =>
      evidence.meaning === 'corrected'
        ? {
            summary: `Publish one TXT record at ${evidence.name}, with the key and nothing else.`,
            ...correctRecord(evidence),
          }
        : {
            summary: `Keep the record of the key in use at ${evidence.name} and delete the others. A second key needs its own selector.`,
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
    title: 'The DKIM key record is not valid',
    message: (evidence) => {
      const { defects, meaning, target, record } = evidence;
      if (target !== null) {
        return `The TXT record at ${placeOf(evidence)} holds the name ${target}, which should be the target of a CNAME record${evidence.targetHasKey ? '' : ' but has no key'}.`;
      }
      if (meaning === 'unrelated') return `${placeOf(evidence)}: ${shown(record.join(''))} is not a key record.`;
      return `${placeOf(evidence)}: ${defects.slice(0, 3).map(describeSyntax).join('; ')}.`;
    },
    explanation: 'Receivers must ignore a record with syntax errors, so the signature fails.',
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
        return publishOrGenerate(
          target,
          selector,
          signingKey,
          `make the mail server sign with it as selector ${selector}`,
        );
      }
      return {
        summary: `Rewrite the TXT record at ${whereOf(evidence)} as tag=value pairs separated by semicolons: v=DKIM1 first, p= with the key you have, each tag once. With the private key, the command prints the record.`,
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
      `${placeOf(evidence)}: ${evidence.damage.map(describeSlip).join('; ')}.${evidence.isReadable ? ' Strict receivers cannot read it.' : ''}`,
    explanation: 'Receivers that cannot read the key reject every signature with this selector.',
    remediation: (evidence, target) =>
      evidence.correct === null
        ? {
            summary: `Copy the key again from where it was generated and publish it at ${whereOf(evidence)}: the published key is incomplete. With the private key, the command prints the record.`,
            commands: ownCommand(target, 'records', '--selector', evidence.selector, '--dkim-key', 'PRIVATE_KEY_FILE'),
          }
        : {
            summary: `Replace the TXT record at ${whereOf(evidence)}${evidence.alias === undefined ? '' : ','} with the repaired one. The key in it is complete.`,
            ...correctRecord(evidence),
          },
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-invalid': findingSpec<RecordEvidence & { fault: KeyFault; octets: number; detail: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The published value is not a key',
    message: (evidence) => `${placeOf(evidence)}: ${FAULTS[evidence.fault](evidence.octets, evidence.detail)}.`,
    explanation: 'Receivers cannot read the key, so every signature with this selector fails.',
    remediation: ({ selector }, target) => generateKey(target, selector, 'Generate a new key pair and publish it.'),
    reference: 'RFC 6376 §3.6.1, RFC 8463 §4',
  }),
  'dkim/private-key-published': findingSpec<SelectorEvidence>({
    severity: 'error',
    title: 'A private key is published',
    message: ({ name }) => `${name} holds a private key, so anyone can sign mail as this domain.`,
    explanation: 'Anyone who has read the record can forge signed mail for as long as the selector exists.',
    remediation: ({ name, selector }, target) =>
      generateKey(
        target,
        `${selector === '*' ? 'mail' : selector}-new`,
        `Delete the record at ${name} now and never use that key again. Generate a new key pair under a new selector.`,
      ),
    reference: 'RFC 6376 §8',
  }),
  'dkim/revoked': findingSpec<RecordEvidence & { isGiven: boolean }>({
    severity: 'warning',
    causes: ['no-dkim'],
    title: 'The key is revoked',
    message: (evidence) => `The key at ${placeOf(evidence)} is revoked (p= is empty), so signatures with it fail.`,
    explanation: 'An empty p= tells receivers that the key must no longer be trusted.',
    remediation: ({ selector, isGiven }, target) => {
      const free = `${selector}-new`;
      return isGiven
        ? generateKey(target, free, `Sign with a new key under another selector, such as ${free}.`)
        : { summary: 'Nothing to do if nothing signs with this selector any more.' };
    },
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/key-too-short': findingSpec<StrengthEvidence>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The RSA key is shorter than 1024 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits, but receivers require at least 1024.`,
    explanation: 'A key this short can be broken, so receivers must not accept its signatures.',
    remediation: ({ selector }, target) =>
      generateKey(
        target,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Replace it with a 2048-bit RSA key under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-weak': findingSpec<StrengthEvidence>({
    severity: 'warning',
    title: 'The RSA key is shorter than 2048 bits',
    message: (evidence) => `${ofKey(evidence)} has ${evidence.bits} bits, but 2048 are recommended.`,
    explanation: 'Receivers still accept it, but the standard and Gmail recommend 2048 bits.',
    remediation: ({ selector }, target) =>
      generateKey(
        target,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Change to a 2048-bit RSA key under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-oversize': findingSpec<StrengthEvidence>({
    severity: 'warning',
    title: 'The RSA key is longer than 4096 bits',
    message: (evidence) =>
      `${ofKey(evidence)} has ${evidence.bits} bits, but receivers need not support more than 4096.`,
    explanation: 'Receivers may reject the signature or time out while they fetch the record.',
    remediation: ({ selector }, target) =>
      generateKey(
        target,
        `${selector === '*' ? 'mail' : selector}-2048`,
        'Use a 2048-bit RSA key under a new selector.',
      ),
    reference: 'RFC 8301 §3.2',
  }),
  'dkim/key-mismatch': findingSpec<
    RecordEvidence & { published: string; signing: string; signingKey: SigningKeyEvidence }
  >({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The published key does not match the private key',
    message: ({ name }) =>
      `The key at ${name} does not match the private key you gave, so signatures with that private key fail.`,
    explanation: 'Receivers verify the signature with the published key, so it must match the private key that signs.',
    remediation: ({ name, alias, signingKey }) =>
      alias === undefined
        ? {
            summary: `Publish the record of the key in use at ${name}, or make the server sign with the private key that matches the published one.`,
            edits: [editDkim(name, { do: 'publish', text: signingKey.record })],
          }
        : {
            summary: `Make the server sign with the private key that matches ${alias}, of which ${name} is an alias, or publish the key in use under its own selector.`,
          },
    reference: 'RFC 6376 §3.6',
  }),
  'dkim/sha1-only': findingSpec<RecordEvidence & { hashes: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key does not allow SHA-256',
    message: ({ name, hashes }) => `${name} allows only ${shown(hashes.join(':'))} (h=), which no receiver accepts.`,
    explanation: 'Receivers must not verify rsa-sha1 any more, so no signature passes without sha256.',
    remediation: (evidence) => ({
      summary: `Remove the h= tag from the record at ${whereOf(evidence)}, or write h=sha256.`,
      edits: [leaveOut(evidence, 'h', 'because receivers accept only sha256')],
    }),
    reference: 'RFC 8301 §3.1',
  }),
  'dkim/ed25519-only': findingSpec<{ selectors: readonly string[] }>({
    severity: 'warning',
    title: 'All DKIM keys found are Ed25519',
    message: ({ selectors }) => `Only Ed25519 keys were found (${selectors.join(', ')}).`,
    explanation:
      'Gmail, Microsoft and other large receivers do not verify Ed25519, so they treat the mail as unsigned.',
    remediation: (_, target) => generateKey(target, 'rsa', 'Also sign with a 2048-bit RSA key.'),
    reference: 'RFC 8463',
  }),
  'dkim/key-type-unknown': findingSpec<RecordEvidence & { keyType: string; correct: string | null }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key type is unknown',
    message: ({ name, keyType }) =>
      `${name} has k=${shown(keyType)}, but receivers know only rsa and ed25519 (in lower case).`,
    explanation: 'Receivers ignore a key of an unknown type, so the signature fails.',
    remediation: (evidence) => ({
      summary: `Correct the key type in the record at ${whereOf(evidence)}: k=rsa, or k=ed25519 for an Ed25519 key.`,
      ...(evidence.correct === null ? {} : correctRecord(evidence)),
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/service-excludes-email': findingSpec<RecordEvidence & { services: readonly string[] }>({
    severity: 'error',
    causes: ['no-dkim'],
    title: 'The key is not for e-mail',
    message: ({ name, services }) =>
      `${name} limits the key to ${shown(services.join(':'))} (s=), which excludes e-mail.`,
    explanation: 'Receivers must not use a key whose s= has neither "email" nor "*".',
    remediation: (evidence) => ({
      summary: `Remove the s= tag from the record at ${whereOf(evidence)}.`,
      edits: [leaveOut(evidence, 's', 'because the key is for e-mail')],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/testing': findingSpec<RecordEvidence>({
    severity: 'warning',
    title: 'The key is marked as a test',
    message: ({ name }) => `${name} has t=y, which marks the key as a test.`,
    explanation: 'Receivers may treat mail signed with it as unsigned.',
    remediation: (evidence) => ({
      summary: `Remove y from the t= tag in the record at ${whereOf(evidence)} once signing works.`,
      edits: [leaveOut(evidence, 't', 'because the test is over', ['y'])],
    }),
    reference: 'RFC 6376 §3.6.1',
  }),
  'dkim/obsolete-granularity': findingSpec<RecordEvidence & { value: string }>({
    severity: 'info',
    title: 'The record has the obsolete tag g=',
    message: ({ name, value }) => `${name} has g=${shown(value)}, a tag that RFC 6376 removed.`,
    explanation:
      'Receivers ignore it, but old ones compare it with the local part of the sender, and an empty value matches nobody.',
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
    title: 'A wildcard record answers for every selector',
    message: ({ query, isProtective }) =>
      isProtective
        ? `A wildcard record with an empty p= answers for selectors that have no record, such as ${query.name}, so signatures with them fail.`
        : `${query.name} has a TXT record, although this selector cannot exist: a wildcard record answers for every selector.`,
    explanation: 'Receivers take what the wildcard holds as the key of any mistyped or retired selector.',
    remediation: ({ isProtective }, { domain }) => ({
      summary: isProtective
        ? 'Nothing to do: the wildcard protects the domain.'
        : `Replace the wildcard (*._domainkey.${domain} or *.${domain}) with records at the selectors in use.`,
    }),
    reference: 'RFC 6376 §3.6.2.1, RFC 4592',
  }),
  'dkim/selector-name': findingSpec<SelectorEvidence>({
    severity: 'info',
    title: 'The selector has characters that are not allowed',
    message: ({ selector }) =>
      `The selector ${shown(selector)} has characters other than letters, digits and hyphens${selector.includes('_') ? ' (an underscore)' : ''}.`,
    explanation: 'Most receivers accept such a selector, but a strict verifier may reject the signature.',
    remediation: () => ({
      summary: 'Choose a selector of letters, digits and hyphens at the next key change.',
    }),
    reference: 'RFC 6376 §3.1',
  }),
  ...switchFindings,
  ...messageFindings,
  'dkim/inconclusive': inconclusiveSpec({
    title: 'DKIM could not be checked',
    explanation: 'Receivers that cannot fetch the key defer the message or treat it as unsigned.',
    reference: 'RFC 6376 §6.1.2',
    reasons: {
      'private-key-unusable': reason<{ fault: PrivateKeyFault }>({
        says: ({ fault }) => `The private key you gave cannot be used: ${PRIVATE_KEY_FAULTS[fault]}.`,
        fix: ({ fault }) => PRIVATE_KEY_FIX[fault],
      }),
      'private-key-not-in-use': reason({
        says: () =>
          'The private key you gave matches neither a key that was found nor the key that signed your message.',
        fix: (_evidence, target) => ({
          summary:
            'Pass the private key that the host signs with as --dkim-key. To use the key you gave from now on, publish its record at a selector of your choice: the command prints it.',
          commands: ownCommand(target, 'records', '--selector', 'SELECTOR', '--dkim-key', 'PRIVATE_KEY_FILE'),
        }),
      }),
      'key-lookup-failed': reason<{ selector: string; query: QueryEvidence }>({
        says: ({ selector, query }) => `The key record of selector ${selector} could not be fetched (${query.rcode}).`,
        fix: askAgain,
      }),
      'search-lookups-failed': reason<{ queries: readonly QueryEvidence[]; failed: number }>({
        says: ({ failed }) => `${failed} of the lookups of common selectors got no answer, so a key may exist.`,
        fix: askAgain,
      }),
      'name-servers-unseen': reason<{ selector: string; name: string; servers: readonly string[] }>({
        says: ({ selector, name, servers }) =>
          `It is not known whether it is safe to switch to selector ${selector}: not all name servers could be asked for ${name}${
            servers.length === 0 ? '' : ` (no answer from ${listed(servers)})`
          }.`,
        fix: () =>
          'Run the check from a network that can ask name servers (port 53), or contact whoever runs those that do not answer.',
      }),
      ...messageReasons,
    },
  }),
} as const;

/** Why a file holds no usable private key. */
const PRIVATE_KEY_FAULTS: Readonly<Record<PrivateKeyFault, string>> = {
  'not-a-private-key': 'the file is not a private key in PEM',
  encrypted: 'it is protected by a passphrase',
  public: 'it is a public key',
  'other-type': 'it is neither an RSA nor an Ed25519 key',
};

/** What to do about a file that holds no usable private key. */
const PRIVATE_KEY_FIX: Readonly<Record<PrivateKeyFault, string>> = {
  'not-a-private-key': 'Pass the file with the private key in PEM (it begins with -----BEGIN) as --dkim-key.',
  encrypted:
    'Remove the passphrase from a copy of the key (openssl pkey -in KEY -out COPY) and pass that as --dkim-key.',
  public: 'Pass the file with the private key as --dkim-key, not the one with the public key.',
  'other-type': 'Sign with a 2048-bit RSA key: DKIM knows only RSA and Ed25519 keys.',
};

function leaveOut({ name }: RecordEvidence, tag: string, because: string, items?: readonly string[]): Edit {
  return editDkim(name, { do: 'leave-out', tag, because, ...(items ? { items } : {}) });
}

/** @returns the remediation to move a record to the name at which it belongs. */
function moveRecord(name: string, { at, text, target }: MisplacedEvidence, domain: string): Fix {
  const typed = name.slice(0, -(domain.length + 1));
  const isDoubled = at === `${name}.${domain}`;
  const how = isDoubled
    ? `The zone editor appended the domain, so enter only ${typed} as the name.`
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
      summary: `Ask the service that gave you ${target} for the right target. Then replace the TXT record at ${name} with a CNAME record to it.`,
    };
  }
  const because = `replaces the TXT record that holds the name ${target} with a CNAME record`;
  return {
    summary: `Replace the TXT record at ${name} with a CNAME record that points to ${target}. No other record can exist beside a CNAME.`,
    edits: [
      withBecause(onlyValues('CNAME', name, nameValue(target)), because),
      withBecause(
        removeValues('TXT', name, textValue(record.join(''))),
        `deletes the TXT record, because no other record can exist beside a CNAME`,
      ),
    ],
  };
}

function withBecause(edit: Edit, because: string): Edit {
  return edit.change.do === 'values' ? ({ ...edit, change: { ...edit.change, because } } as Edit) : edit;
}
