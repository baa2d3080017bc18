/** Reads what the owner of TXT records at a `_smtp._tls` name meant by them (RFC 8460 §3). */
import { lettersOf, type OctetString } from '../../network/octet-string.ts';
import { isTlsRptRecord, parseDestination, parseTlsRptRecord } from './record.ts';

/** A slip that keeps a text from being the record that its owner meant. */
export type TlsRptSlip =
  /** Characters around or in the text that were pasted with it: quotation marks, backslashes, invisible ones. */
  | { readonly kind: 'characters' }
  /** The text begins with the name, the type or another part of a line of a zone file. */
  | { readonly kind: 'zone-file-line' }
  /** The version has the wrong case or is misspelt. */
  | { readonly kind: 'version'; readonly found: string }
  | { readonly kind: 'version-not-first' }
  | { readonly kind: 'no-version' }
  /** No semicolon separates the version from what follows. */
  | { readonly kind: 'separator' }
  /** The `rua` field has another name or other characters than `rua=`. */
  | { readonly kind: 'field-name'; readonly found: string }
  /** The address is written in another form than `meant`. */
  | { readonly kind: 'address'; readonly found: string; readonly meant: string };

/** What was meant by the TXT records of one name. */
export interface TlsRptReading {
  /** The texts that are TLS-RPT records or meant as such. */
  readonly texts: readonly OctetString[];
  readonly slips: readonly TlsRptSlip[];
  /** The record that was meant, or `null` when a part cannot be read or no address is left. */
  readonly meant: string | null;
}

/** Longest text that is read for slips, in octets. */
const MAX_READ = 4096;

/** A version and what may be typed for it: `v=TLSRPTv1`, `v: TLS-RPT v1`, `v=TLSRPT1`. */
const VERSION = /^v\s{0,9}[=:]\s{0,9}tls[-_ ]?rpt[-_ ]?v?[ .]?1?(?=[\s;,:]|rua|$)/i;
const RUA = /^(rua|ruaa|ruf|rau|url|uri)(\s{0,9}[=:]\s{0,9})/i;
const ZONE_LINE = /^\s{0,9}(?:[\w.-]{0,200}_tls[\w.-]{0,200}\s{1,20})?(?:\d{1,10}\s{1,9})?(?:IN\s{1,9})?TXT\s{1,9}/i;

/**
 * Reads the TXT records at a `_smtp._tls` name together, since of several records none applies (§3).
 *
 * @param texts the joined strings of each TXT record.
 */
export function readTlsRpt(texts: readonly OctetString[]): TlsRptReading {
  const readings = texts.map((text) => ({ text, reading: readText(text) }));
  const recognised = readings.filter(({ text }) => isTlsRptRecord(text));
  // A misspelt record beside one that senders use has no effect.
  const meant = (recognised.length > 0 ? recognised : readings).flatMap(({ text, reading }) =>
    reading === null ? [] : [{ text, ...reading }],
  );
  const uris = meant.every(({ isRead }) => isRead) ? [...new Set(meant.flatMap((one) => one.uris))] : [];
  return {
    texts: meant.map(({ text }) => text),
    slips: meant.flatMap(({ slips }) => slips),
    meant: uris.length === 0 ? null : `v=TLSRPTv1; rua=${uris.join(',')}`,
  };
}

interface Reading {
  readonly slips: readonly TlsRptSlip[];
  readonly uris: readonly string[];
  /** Whether every part of the text was read. */
  readonly isRead: boolean;
}

/** @returns the reading, or `null` for a text that has nothing to do with TLS-RPT. */
function readText(text: OctetString): Reading | null {
  const isRecognised = isTlsRptRecord(text);
  const slips: TlsRptSlip[] = [];
  if (text.length > MAX_READ) return isRecognised ? { slips, uris: [], isRead: false } : null;
  const letters = withoutZoneLine(lettersOf(text), slips);
  const clean = cleaned(letters);
  if (clean !== letters) slips.push({ kind: 'characters' });
  const fields = fieldsOf(clean, slips);
  const at = fields.findIndex((field) => VERSION.test(field));
  const [first = ''] = fields;
  const isOther = at < 0 && /^v\s{0,9}=/i.test(first);
  const isMeant = isRecognised || at >= 0 || (!isOther && fields.every((field) => RUA.test(field)) && first !== '');
  if (!isMeant) return null;
  const version = fields[at];
  if (version === undefined) slips.push({ kind: 'no-version' });
  else {
    if (version !== 'v=TLSRPTv1') slips.push({ kind: 'version', found: version });
    if (at > 0) slips.push({ kind: 'version-not-first' });
  }
  const { uris, isRead } = addressesOf(
    fields.filter((_, index) => index !== at),
    slips,
  );
  return { slips, uris, isRead };
}

function withoutZoneLine(letters: string, slips: TlsRptSlip[]): string {
  const line = ZONE_LINE.exec(letters)?.[0];
  if (line === undefined) return letters;
  slips.push({ kind: 'zone-file-line' });
  return letters.slice(line.length);
}

/** @returns the text without the characters that were pasted with it. */
function cleaned(letters: string): string {
  return letters
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]/g, '')
    .replace(/[\u00a0\u2000-\u200a\u202f\u3000\r\n]/g, ' ')
    .replace(/\\(?=[;,"=@:])/g, '')
    .replace(/["'\u2018-\u201f\u00ab\u00bb]/g, '')
    .replace(/^\s+/, '');
}

/** Splits the text into its fields. Also splits a version from a field behind it that no semicolon separates. */
function fieldsOf(text: string, slips: TlsRptSlip[]): string[] {
  const pieces = text.split(';').map((piece) => piece.trim());
  return pieces.flatMap((piece) => {
    const version = VERSION.exec(piece)?.[0];
    const rest = version === undefined ? '' : piece.slice(version.length).replace(/^[\s,:]+/, '');
    if (version === undefined || rest === '') return piece === '' ? [] : [piece];
    slips.push({ kind: 'separator' });
    return [version.trim(), rest];
  });
}

/** @returns the addresses of the `rua` fields in the form that senders read, and whether all could be read. */
function addressesOf(fields: readonly string[], slips: TlsRptSlip[]): Pick<Reading, 'uris' | 'isRead'> {
  const uris: string[] = [];
  let isRead = true;
  for (const field of fields) {
    const [whole, name = '', equals = ''] = RUA.exec(field) ?? [];
    if (whole === undefined) {
      // An extension is left out: no sender knows one.
      if (!/^[A-Za-z0-9_.-]{1,40}\s{0,9}=/.test(field)) isRead = false;
      continue;
    }
    if (name !== 'rua' || equals !== '=') slips.push({ kind: 'field-name', found: whole.trim() });
    for (const item of field
      .slice(whole.length)
      .replace(/(mailto|https)\s{0,9}:\s{0,9}/gi, '$1:')
      .split(/[,|\s]+/)) {
      if (item === '') continue;
      const meant = meantAddress(item);
      if (meant === undefined) isRead = false;
      else {
        if (meant !== item) slips.push({ kind: 'address', found: item, meant });
        uris.push(meant);
      }
    }
  }
  return { uris, isRead };
}

/** @returns the address that was meant, or `undefined` when it cannot be told. */
function meantAddress(item: string): string | undefined {
  const bare = item.replace(/^<|>$/g, '').replace(/!\d{1,20}[kmgt]?$/i, '');
  const repaired = bare
    .replace(/^(?:mailto:)+\/{0,2}|^mail-?to[:=]/i, 'mailto:')
    .replace(/^(?:htt?ps|httpss|hhtps|htttps|https):\/{1,3}/i, 'https://');
  const uri = /^[^:/\s]+@[^:/\s]+$/.test(repaired) ? `mailto:${repaired}` : repaired;
  return parseDestination(uri).fault === null ? uri : undefined;
}

/** @returns whether the text is a record with nothing to correct. */
export function isRight(text: OctetString): boolean {
  const record = parseTlsRptRecord(text);
  return (
    record !== undefined && record.defects.length === 0 && record.destinations.every(({ fault }) => fault === null)
  );
}
