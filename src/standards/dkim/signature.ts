/** Parses and validates a DKIM-Signature field (RFC 6376 §3.5, §6.1.1), before the key is fetched. */
import { isSameOrSubdomain } from '../../network/domain.ts';
import { findTag, parseTagList, type TagList } from '../tag-list.ts';
import type { Canonicalization } from './canonical.ts';
import { defect, type SignatureDefect } from './defect.ts';
import { domainOf, type HeaderField } from './mail.ts';
import { decodeBase64 } from './public-key.ts';

export interface Signature {
  readonly field: HeaderField;
  /** `d=` and `s=` in canonical form. */
  readonly domain: string;
  readonly selector: string;
  /** The first half of `a=`. The second half is always sha256, the only hash that RFC 8301 §3.1 allows. */
  readonly keyType: 'rsa' | 'ed25519';
  /** `c=`: the canonicalization of the header and of the body. */
  readonly headerForm: Canonicalization;
  readonly bodyForm: Canonicalization;
  /** `h=`: the names of the signed header fields in lower case. */
  readonly signedFields: readonly string[];
  /** The domain in `i=`, by default `d=`. */
  readonly identityDomain: string;
  /** `l=`: the number of signed octets of the canonical body, or `null` for all. */
  readonly bodyLength: number | null;
  /** `x=` and `t=`, in milliseconds since the epoch. */
  readonly expiresAt: number | null;
  readonly signedAt: number | null;
  /** `bh=` and `b=`, decoded. */
  readonly bodyHash: Buffer;
  readonly value: Buffer;
}

export type SignatureReading =
  | { readonly kind: 'signature'; readonly signature: Signature }
  /** `domain` and `selector` are empty when they are missing or invalid. */
  | { readonly kind: 'defect'; readonly defect: SignatureDefect; readonly domain: string; readonly selector: string };

/** Number of characters of an invalid tag that are kept as evidence. */
const MAX_SHOWN = 80;

/** The required tags (§3.5). */
const REQUIRED = ['v', 'a', 'b', 'bh', 'd', 'h', 's'] as const;

/** @returns whether the field is a DKIM-Signature field. */
export function isSignatureField({ name }: HeaderField): boolean {
  return name === 'dkim-signature';
}

/** @returns the tags in the value of a DKIM-Signature field (RFC 6376 §3.2). Offsets count from after the colon. */
export function tagsOf({ text }: HeaderField): TagList {
  return parseTagList(text.slice(text.indexOf(':') + 1));
}

/** @returns `d=` and `s=` in canonical form. A missing or invalid value is the empty string. */
export function signerOf(tags: TagList): { domain: string; selector: string } {
  const [domain, selector] = ['d', 's'].map((name) => findTag(tags, name)?.value ?? '');
  return { domain: domainOf(domain ?? '') ?? '', selector: selectorOf(selector ?? '') ?? '' };
}

/**
 * Parses and validates a DKIM-Signature field (RFC 6376 §3.5, §6.1.1). Never throws.
 *
 * @returns the signature, or its first defect.
 */
export function readSignature(field: HeaderField): SignatureReading {
  const tags = tagsOf(field);
  const signer = signerOf(tags);
  const found = defectOf(tags, signer) ?? readTags(field, tags, signer);
  return 'kind' in found ? { kind: 'defect', defect: found, ...signer } : { kind: 'signature', signature: found };
}

function defectOf(
  tags: TagList,
  { domain, selector }: { domain: string; selector: string },
): SignatureDefect | undefined {
  // §3.2, §6.1.1: verifiers ignore a field with any syntax error, including a duplicate tag.
  const broken = tags.defects.find(({ kind, text }) => !(kind === 'bad-value' && isInternational(tags, text)));
  if (broken) return defect('syntax', broken.text.slice(0, MAX_SHOWN) || null);
  const value = (name: string): string | undefined => findTag(tags, name)?.value;
  const missing = REQUIRED.find((name) => !value(name));
  if (missing) return defect('missing-tag', missing);
  // §3.5: v= must be "1", compared as text.
  if (value('v') !== '1') return defect('version');
  if (domain === '') return defect('domain');
  if (selector === '') return defect('selector');
  // "The From header field MUST be signed" (§5.4, §6.1.1).
  if (!fieldNames(value('h')).includes('from')) return defect('from-unsigned');
  // The domain of i= "MUST be the same as, or a subdomain of, the value of the "d=" tag" (§3.5, §6.1.1).
  const identity = identityOf(value('i'), domain);
  if (identity === undefined || !isSameOrSubdomain(identity, domain)) return defect('identity');
  // §3.5: verifiers skip unknown query methods, so the list must contain dns/txt.
  if (!colonList(value('q') ?? 'dns/txt').includes('dns/txt')) return defect('query-method');
  return undefined;
}

function readTags(
  field: HeaderField,
  tags: TagList,
  signer: { domain: string; selector: string },
): Signature | SignatureDefect {
  const value = (name: string): string | undefined => findTag(tags, name)?.value;
  const algorithm = value('a')?.toLowerCase();
  // "rsa-sha1 MUST NOT be used for signing or verifying" (RFC 8301 §3.1).
  if (algorithm === 'rsa-sha1') return defect('sha1');
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return defect('algorithm');
  const [headerForm, bodyForm = 'simple', ...more] = (value('c') ?? 'simple').toLowerCase().split('/');
  if (!isForm(headerForm) || !isForm(bodyForm) || more.length > 0) return defect('canonicalization');
  const length = value('l');
  if (length !== undefined && !/^\d{1,76}$/.test(length)) return defect('body-length');
  const times = ['t', 'x'].map((name) => value(name));
  if (times.some((time) => time !== undefined && !/^\d{1,12}$/.test(time))) return defect('time');
  const [signedAt = null, expiresAt = null] = times.map((time) => (time === undefined ? null : Number(time) * 1000));
  // x= "MUST be greater than the value of the t= tag if both are present" (§3.5).
  if (signedAt !== null && expiresAt !== null && expiresAt <= signedAt) return defect('expires-before-signing');
  const bodyHash = octetsOf(value('bh'));
  const signature = octetsOf(value('b'));
  if (!bodyHash || !signature) return defect('syntax', bodyHash ? 'b' : 'bh');
  return {
    field,
    ...signer,
    keyType: algorithm === 'rsa-sha256' ? 'rsa' : 'ed25519',
    headerForm,
    bodyForm,
    signedFields: fieldNames(value('h')),
    identityDomain: identityOf(value('i'), signer.domain) ?? signer.domain,
    bodyLength: length === undefined ? null : Number(length),
    signedAt,
    expiresAt,
    bodyHash,
    value: signature,
  };
}

/** Decodes b= or bh=. Their grammar makes the padding optional (§2.10). */
function octetsOf(value = ''): Buffer | undefined {
  const compact = value.replace(/[ \t\r\n]+/g, '');
  return decodeBase64(compact.padEnd(Math.ceil(compact.length / 4) * 4, '='));
}

function isForm(text: string | undefined): text is Canonicalization {
  return text === 'simple' || text === 'relaxed';
}

/** Tells whether the value is a name in UTF-8. RFC 8616 §5 allows it, but the grammar of RFC 6376 does not. */
function isInternational(tags: TagList, name: string): boolean {
  return ['d', 'i', 's'].includes(name) && !/[\x00-\x1f\x7f]/.test(findTag(tags, name)?.value ?? '');
}

/** Parses `selector = sub-domain *( "." sub-domain )` (§3.1). Accepts underscores, as the DNS does. */
function selectorOf(value: string): string | undefined {
  // A selector may be a single label, which `domainOf` does not accept as a domain.
  const name = domainOf(`${value}.example`);
  return name !== undefined && value !== '' ? name.slice(0, -'.example'.length) : undefined;
}

function identityOf(value: string | undefined, domain: string): string | undefined {
  if (value === undefined) return domain;
  const at = value.lastIndexOf('@');
  return at < 0 ? undefined : domainOf(value.slice(at + 1).trim());
}

function fieldNames(value: string | undefined): string[] {
  return colonList(value).filter((name) => name !== '');
}

function colonList(value: string | undefined): string[] {
  return (value ?? '').split(':').map((item) => item.replace(/[ \t\r\n]+/g, '').toLowerCase());
}
