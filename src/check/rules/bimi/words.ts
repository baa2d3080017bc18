/** Describes the faults of a BIMI record, its logo and its certificate in words. */
import type { BimiDefect, LocationFault } from '../../../standards/bimi/record.ts';
import { MAX_LOGO_BYTES, type SvgFault } from '../../../standards/bimi/svg.ts';
import type { XmlFault } from '../../../standards/bimi/xml.ts';
import { quoteInput } from '../../../usage-error.ts';
import { shown } from '../quoted.ts';
import type { CertificateProblem, DmarcFault, FetchFault } from './problems.ts';

const LOCATION_FAULTS: Readonly<Record<LocationFault, string>> = {
  'not-a-uri': 'is not a web address',
  several: 'has several addresses; only one is allowed',
  'not-https': 'does not begin with https://',
  'no-host': 'has no full host name',
  'other-format': 'is not an SVG file',
};

/** @returns what is wrong with the record, as a clause. */
export function describeDefect(defect: BimiDefect): string {
  switch (defect.kind) {
    case 'no-location':
      return 'the tag l= is missing';
    case 'empty-location':
      return 'l= is empty, so no logo is shown although a= has a certificate';
    case 'location':
      return `${defect.tag}=${shown(defect.text)} ${LOCATION_FAULTS[defect.fault]}`;
    case 'prefix':
      return `lps= has ${shown(defect.text)}, but prefixes are 1 to 63 letters, digits and hyphens`;
    case 'preference':
      return `avp=${shown(defect.text)} is neither brand nor personal`;
    case 'duplicate':
      return `the tag ${shown(defect.text)} appears twice`;
    case 'empty':
      return 'there is nothing between two semicolons';
    case 'no-equals':
      return `${shown(defect.text)} is not a tag=value pair`;
    case 'bad-name':
      return `${shown(defect.text)} is not a tag name`;
    case 'bad-value':
      return `the value of ${shown(defect.text)} has characters that are not allowed`;
  }
}

/** @returns why a file could not be fetched, as a predicate of the file. */
export function describeFetch(fault: FetchFault): string {
  switch (fault.kind) {
    case 'status':
      return `is answered with HTTP status ${fault.code}`;
    case 'redirect':
      return `is redirected${fault.location === null ? '' : ` to ${quoteInput(fault.location)}`}, and not every provider follows redirects`;
    case 'no-address':
      return 'is on a host that has no address';
    case 'untrusted':
      return fault.coversName
        ? `is on a host whose TLS certificate is not trusted${fault.error === null ? '' : ` (${quoteInput(fault.error)})`}`
        : 'is on a host whose TLS certificate has another name';
    case 'connection':
      return `cannot be fetched: ${fault.detail}`;
    case 'too-long':
      return `is longer than ${fault.maxBytes} octets`;
  }
}

const XML_FAULTS: Readonly<Record<XmlFault, string>> = {
  'no-element': 'it has no element',
  unended: 'a tag or comment does not end',
  'bad-tag': 'a tag cannot be read',
  mismatch: 'an end tag is missing or does not fit its start tag',
  'outside-root': 'there is something outside the svg element',
  'too-deep': 'its elements are nested too deep',
};

const valueText = (value: string | null): string => (value === null ? 'is missing' : `is ${quoteInput(value)}`);

/** @returns what is wrong with the logo, as a clause. */
export function describeSvg(fault: SvgFault): string {
  switch (fault.kind) {
    case 'compression':
      return 'it is compressed and cannot be expanded';
    case 'encoding':
      return 'it is not UTF-8';
    case 'other-format':
      return `it is a ${fault.format} file and not SVG`;
    case 'xml':
      return `it is not well-formed XML: ${XML_FAULTS[fault.reason]} (line ${fault.line})`;
    case 'size':
      return `it has ${fault.bytes} octets, and the limit is ${MAX_LOGO_BYTES}`;
    case 'root':
      return `its root is ${quoteInput(fault.name)} and not svg in the namespace http://www.w3.org/2000/svg`;
    case 'version':
      return `version ${valueText(fault.value)} and must be "1.2"`;
    case 'profile':
      return `baseProfile ${valueText(fault.value)} and must be "tiny-ps"`;
    case 'title':
      return 'it has no title element with text';
    case 'position':
      return `the svg element has the attribute ${fault.name}`;
    case 'element':
      return `the element ${quoteInput(fault.name)} is not allowed`;
    case 'handler':
      return `the attribute ${quoteInput(fault.name)} runs a script`;
    case 'reference':
      return `${quoteInput(fault.name)} refers to something outside the file`;
    case 'style':
      return 'it has CSS (style), which SVG Tiny does not have';
    case 'declarations':
      return 'its DOCTYPE declares entities';
  }
}

/** @returns what is wrong with the certificate, as a clause. */
export function describeCertificate(problem: CertificateProblem): string {
  switch (problem) {
    case 'no-pem':
      return 'the file has no certificate in PEM form';
    case 'unreadable':
      return 'the certificate cannot be read';
    case 'expired':
      return 'it has expired';
    case 'not-yet-valid':
      return 'it is not valid yet';
    case 'other-domain':
      return 'it is for another domain';
    case 'no-purpose':
      return 'it is not a mark certificate (its extended key usage lacks 1.3.6.1.5.5.7.3.31)';
    case 'no-logotype':
      return 'it has no logo (no logotype extension that can be read)';
    case 'other-logo':
      return 'its logo differs from the one at l=';
  }
}

/** @returns why a DMARC policy is not enforced, as a clause. */
export function describePolicy({ name, kind, value }: DmarcFault): string {
  switch (kind) {
    case 'no-record':
      return `${name} has no DMARC record`;
    case 'unusable':
      return `${name} has no valid policy`;
    case 'none':
    case 'testing':
    case 'percentage':
    case 'subdomains':
      return `${name} has ${value}`;
  }
}
