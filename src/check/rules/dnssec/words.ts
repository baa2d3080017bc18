/** Says what is wrong with the signatures of a zone, and what to do about it. */
import { isSameOrSubdomain, sameName } from '../../../network/domain.ts';
import { listed } from '../../../report/listed.ts';
import { algorithmName, type DnssecFault, type UnknownReason } from '../../../standards/dnssec/index.ts';

/** The date of a time in milliseconds, as people read it. */
export function dateText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const tags = (items: readonly { readonly keyTag: number }[]): string =>
  listed([...new Set(items.map(({ keyTag }) => String(keyTag)))]);

/** @returns the fault in one sentence without its full stop. */
export function faultText(fault: DnssecFault, zone: string): string {
  const records = `${fault.type} of ${fault.name}`;
  switch (fault.kind) {
    case 'signature-missing':
      return `${records} has no signature`;
    case 'signature-expired':
      return `the signature of ${records} expired on ${dateText(fault.signature.expiration)}`;
    case 'signature-not-yet-valid':
      return `the signature of ${records} is not valid before ${dateText(fault.signature.inception)}`;
    case 'signature-wrong':
      return `the signature of ${records} does not fit the records`;
    case 'signature-key-missing':
      return `${records} is signed by key ${fault.signature.keyTag}, which ${zone} does not publish`;
    case 'signature-key-unusable':
      return `${records} is signed by key ${fault.signature.keyTag}, which is revoked or no key of a zone`;
    case 'signature-malformed':
      return `the signature of ${records} contradicts the records`;
    case 'signature-algorithm':
      return `the signature of ${records} has the algorithm ${algorithmName(fault.signature.algorithm)}, which validators do not support`;
    case 'signer-unknown':
      return `the signature of ${records} names ${fault.signer} as its signer, which is no zone with that name`;
    case 'ds-without-key':
      return fault.keys.length === 0
        ? `no key of ${zone} fits its DS record (key ${tags(fault.ds)})`
        : `no key of ${zone} fits its DS record: the DS record is of key ${tags(fault.ds)}, and the zone has key ${tags(fault.keys)}`;
    case 'ds-key-does-not-sign':
      return `the key of the DS record of ${zone} (key ${tags(fault.ds)}) does not sign the keys of the zone`;
    case 'keys-missing':
      return `${zone} has a DS record (key ${tags(fault.ds)}) but no DNSKEY record`;
    case 'denial-missing':
      return `the reply has no signed proof that ${deniedText(fault)}`;
    case 'denial-wrong':
      return `the NSEC or NSEC3 records do not prove that ${deniedText(fault)}`;
    case 'alias-wrong':
      return `the alias of ${fault.name} does not follow from its DNAME record`;
    case 'too-much-work':
      return `its keys, signatures or hashes are more than validators compute (${fault.limit})`;
  }
}

function deniedText(fault: Extract<DnssecFault, { readonly kind: 'denial-missing' | 'denial-wrong' }>): string {
  switch (fault.denies) {
    case 'name':
      return `${fault.name} does not exist`;
    case 'type':
      return `${fault.name} has no ${fault.type} record`;
    case 'closer-name':
      return `no name is closer to ${fault.name} than the wildcard`;
  }
}

/** @returns what to do about the fault, and where: at the registrar or at the signer. */
export function faultFix(fault: DnssecFault, zone: string, domain: string): string {
  if (zone !== '.' && isSameOrSubdomain(domain, zone) && !sameName(domain, zone) && !zone.includes('.')) {
    return `Contact the registry of ${zone}, or ask another resolver for the signatures with --dnssec-resolver.`;
  }
  switch (fault.kind) {
    case 'ds-without-key':
    case 'ds-key-does-not-sign':
    case 'keys-missing':
      return `At the registrar of ${zone}, replace the DS record by that of the key with which the zone is signed now. If the zone is no longer signed, delete the DS record.`;
    case 'signature-expired':
      return `Sign ${zone} again on its primary name server, and find out why the signer stopped. Check that the secondary name servers get the new zone.`;
    case 'signature-not-yet-valid':
      return `Set the clock of the signer of ${zone} right, and sign the zone again.`;
    case 'denial-missing':
    case 'denial-wrong':
      return `Sign ${zone} again, so that its NSEC or NSEC3 records fit its names (PowerDNS: pdnsutil rectify-zone). If they do, update the name servers: they leave the records out.`;
    case 'too-much-work':
      return `Reduce the keys of ${zone} to those in use, set the NSEC3 iterations to 0, and sign the zone again.`;
    case 'signature-missing':
    case 'signature-wrong':
    case 'signature-key-missing':
    case 'signature-key-unusable':
    case 'signature-malformed':
    case 'signature-algorithm':
    case 'signer-unknown':
    case 'alias-wrong':
      return `Sign ${zone} again with the keys that it publishes. Check that all its name servers have the same signed zone.`;
  }
}

/** @returns why it is not known whether the signatures are right, in one sentence without its full stop. */
export function unknownText(reason: UnknownReason): string {
  switch (reason.kind) {
    case 'lookup-failed':
      return `the lookup of ${reason.type} of ${reason.name} with signatures failed: ${reason.detail}`;
    case 'signatures-stripped':
      return `the resolver ${reason.server} leaves out the signatures of ${reason.zone}`;
    case 'no-anchor':
      return `none of the trust anchors is for ${reason.name}`;
    case 'too-many-aliases':
      return `${reason.name} is an alias with too many steps`;
  }
}

/** @returns what makes it known. */
export function unknownFix(reason: UnknownReason): string {
  switch (reason.kind) {
    case 'lookup-failed':
      return `Run the check again. If the lookup fails again, ask another resolver for the signatures with --dnssec-resolver, or contact whoever runs the name servers of ${reason.name}.`;
    case 'signatures-stripped':
      return 'Name a resolver that hands on signatures with --dnssec-resolver, such as an own Unbound (--dnssec-resolver 127.0.0.1).';
    case 'no-anchor':
      return 'Add a trust anchor of the root zone, or of a zone above the name, to the file of --trust-anchor.';
    case 'too-many-aliases':
      return `Shorten the chain of aliases that begins at ${reason.name}.`;
  }
}
