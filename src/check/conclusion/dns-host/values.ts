/**
 * Writes the names and values of records in the form of a DNS host: for a field of its console, or for a placeholder of one
 * of its commands.
 */
import type { PlaceholderValues } from '../../../knowledge/dns-hosts/placeholders.ts';
import type { DnsHost, HostForm } from '../../../knowledge/dns-hosts/schema.ts';
import { type PlannedType, relativeName } from '../../../standards/dns-plan/codec.ts';
import { quotedStrings, type RecordValue } from '../../../standards/zone-file/line.ts';

/** Printable ASCII. What else a text may have, hosts write in different ways. */
const PRINTABLE = /^[ -~]*$/;

/** Printable ASCII without quotes, backslashes, and blanks at its ends: a text that every console and API takes as it is. */
const PLAIN = /^(?! )[ !#-[\]-~]*(?<! )$/;

/** An owner name of letters, digits, hyphens and underscores. It is one word in a URL and in a line. */
const PLAIN_NAME = /^(?:\*\.)?[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_][a-z0-9_-]*)*$/i;

/** @returns whether the owner name and the zone can stand in a command and in the console of any host. */
export function areWritable(name: string, zone: string): boolean {
  return [name, zone].every((one) => PLAIN_NAME.test(one));
}

/** @returns the owner name as the host wants it. */
export function nameIn({ name: way, apex }: HostForm, name: string, zone: string): string {
  switch (way) {
    case 'dotted':
      return `${name}.`;
    case 'whole':
      return name;
    case 'relative':
      return relativeName(name, zone, apex === 'whole' ? zone : apex);
  }
}

/**
 * @returns the data of a record as the host wants it in one value, or `undefined` when it is not known how the host wants
 *   it.
 */
export function valueIn(
  form: HostForm,
  type: PlannedType,
  value: RecordValue,
  kind: DnsHost['kind'],
): string | undefined {
  switch (type) {
    case 'TXT':
      return textIn(form, value, kind);
    case 'MX': {
      const { preference, exchange } = mxIn(form, value);
      return `${preference} ${exchange}`;
    }
    case 'CNAME':
    case 'PTR':
      return targetIn(form, value);
    case 'A':
    case 'AAAA':
    case 'TLSA':
      return value;
  }
}

/** @returns the preference and the host of an MX record. The root as host stays a dot (RFC 7505 §3). */
export function mxIn(form: HostForm, value: RecordValue): { readonly preference: string; readonly exchange: string } {
  const [preference = '', exchange = ''] = value.split(' ');
  return { preference, exchange: targetIn(form, exchange) };
}

/** @returns the values of the placeholders that stand for the data of one record. */
export function dataValues(
  form: HostForm,
  type: PlannedType,
  value: RecordValue,
  kind: DnsHost['kind'],
): PlaceholderValues {
  const whole = { value: valueIn(form, type, value, kind) };
  if (type === 'MX') return { ...whole, ...mxIn(form, value) };
  if (type !== 'TLSA') return whole;
  const [usage, selector, matching, data] = value.split(' ');
  return { ...whole, usage, selector, matching, data };
}

function targetIn({ target }: HostForm, name: string): string {
  return target === 'bare' && name !== '.' ? name.replace(/\.$/, '') : name;
}

function textIn({ txt }: HostForm, text: string, kind: DnsHost['kind']): string | undefined {
  switch (txt) {
    case 'quoted':
      // Every name server reads the escapes of RFC 1035 §5.1. A service may have others: Route 53 counts in octal.
      if (kind === 'software') return quotedStrings(text);
      return PRINTABLE.test(text) ? printableStrings(text) : undefined;
    case 'one-string':
      return PLAIN.test(text) ? `"${text}"` : undefined;
    case 'text':
      return text !== '' && PLAIN.test(text) ? text : undefined;
  }
}

/** @returns a text of printable ASCII as quoted strings of at most 255 octets, with a blank between them. */
function printableStrings(text: string): string {
  const strings = text.match(/.{1,255}/g) ?? [''];
  return strings.map((part) => `"${part.replace(/["\\]/g, '\\$&')}"`).join(' ');
}
