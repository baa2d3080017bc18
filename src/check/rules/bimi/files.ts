/** Fetches and judges the files that a BIMI record names: the logo and the mark certificate. */
import { queryEvidence } from '../../../network/dns/answer.ts';
import type { HttpsOutcome } from '../../../network/https/types.ts';
import {
  compareLogo,
  coversDomain,
  type EvidenceReading,
  readEvidence,
} from '../../../standards/bimi/mark-certificate.ts';
import type { BimiRecord, FileLocation } from '../../../standards/bimi/record.ts';
import { readLogo, type SvgReading } from '../../../standards/bimi/svg.ts';
import { certificateEvidence, validityOf } from '../../../standards/certificate.ts';
import { type WebFile, webFile } from '../../facts/web-file.ts';
import { type Finding, questionsOf } from '../finding.ts';
import type { Place } from '../own-place.ts';
import type { Context } from '../rule.ts';
import type { BimiFile, Emitter } from './findings.ts';
import type { CertificateProblem, FetchFault } from './problems.ts';

/** Most octets of a file that are read. A logo of more than 32 KiB is refused by providers, and its size is told. */
const MAX_BYTES: Readonly<Record<BimiFile, number>> = { logo: 128 * 1024, certificate: 64 * 1024 };

/** The number of faults of a logo shown as evidence. */
const MAX_SHOWN = 10;

/** A record in use, and the domains that its certificate may be for. */
export interface InUse {
  readonly place: Place;
  readonly record: BimiRecord;
  readonly domains: readonly string[];
  /** The questions that led to the record. */
  readonly rests: readonly { readonly name: string; readonly type: string }[];
}

type Fetched =
  | { readonly kind: 'file'; readonly body: Uint8Array; readonly uri: string }
  /** The file was not fetched, and the finding says why. `null`: there is nothing to fetch. */
  | { readonly kind: 'none'; readonly finding: Finding | null };

/**
 * Reports what is wrong with the files.
 *
 * @returns what was seen, in a few words, for the note of the rule.
 */
export async function* judgeFiles(
  use: InUse,
  context: Context,
  finding: Emitter,
): AsyncGenerator<Finding, string[], undefined> {
  const { record, place } = use;
  const [logo, evidence] = await Promise.all([
    fetchFile('logo', record.logo, use, context, finding),
    fetchFile('certificate', record.evidence, use, context, finding),
  ]);
  const seen: string[] = [];
  let svg: SvgReading['svg'] = null;
  if (logo.kind === 'file') {
    const reading = readLogo(logo.body);
    svg = reading.svg;
    if (reading.faults.length > 0) {
      const faults = reading.faults.slice(0, MAX_SHOWN);
      const problem = { kind: 'logo', uri: logo.uri, faults, count: reading.faults.length } as const;
      const detail = { about: { name: place.name, item: 'logo' }, rests: use.rests, isOfHost: true } as const;
      yield finding('bimi/invalid', { ...place, problem }, detail);
    } else seen.push(logoNote(reading));
  } else if (logo.finding !== null) yield logo.finding;
  if (evidence.kind === 'file') {
    const reading = readEvidence(evidence.body);
    const problems = problemsOf(reading, use, svg, context.clock.now());
    if (problems.length > 0) {
      const certificate = reading.kind === 'certificate' ? markEvidence(reading) : null;
      const detail = {
        about: { name: place.name, item: 'certificate' },
        rests: use.rests,
        severity: 'warning',
        isOfHost: true,
      } as const;
      yield finding('bimi/no-certificate', { name: place.name, uri: evidence.uri, problems, certificate }, detail);
    } else if (reading.kind === 'certificate') {
      const { notAfter } = markEvidence(reading);
      seen.push(`a mark certificate until ${notAfter.slice(0, 10)}, whose issuer was not verified`);
    }
  } else if (evidence.finding !== null) yield evidence.finding;
  else if (record.evidence === null) yield noCertificate(use, finding);
  return seen;
}

function noCertificate({ place, rests }: InUse, finding: Emitter): Finding {
  const evidence = { name: place.name, uri: null, problems: [], certificate: null };
  return finding('bimi/no-certificate', evidence, { about: { name: place.name, item: 'certificate' }, rests });
}

/** @returns the logo in a few words. Providers show it in a square or a circle. */
function logoNote({ look, svg }: SvgReading): string {
  const viewBox = look?.viewBox ?? null;
  const isSquare = viewBox !== null && viewBox.width === viewBox.height;
  const shape = isSquare ? '' : viewBox === null ? ', without a viewBox' : ', not square, so it may be cropped';
  return `a logo in SVG Tiny PS (${svg?.length ?? 0} octets${shape})`;
}

function markEvidence({ mark }: Extract<EvidenceReading, { kind: 'certificate' }>) {
  const { subject, issuer, notBefore, notAfter } = certificateEvidence(mark.certificate);
  return { subject, issuer, names: mark.names.slice(0, MAX_SHOWN), notBefore, notAfter };
}

function problemsOf(
  reading: EvidenceReading,
  { domains }: InUse,
  svg: SvgReading['svg'],
  now: number,
): CertificateProblem[] {
  if (reading.kind !== 'certificate') return [reading.kind];
  const { mark } = reading;
  const problems: CertificateProblem[] = [];
  const { state } = validityOf(mark.certificate, now);
  if (state === 'expired' || state === 'not-yet-valid') problems.push(state);
  if (!coversDomain(mark, domains)) problems.push('other-domain');
  if (!mark.hasPurpose) problems.push('no-purpose');
  if (!mark.hasLogotype) problems.push('no-logotype');
  else if (svg !== null && compareLogo(mark, svg) === 'other') problems.push('other-logo');
  return problems;
}

async function fetchFile(
  file: BimiFile,
  location: FileLocation | null,
  { place, rests }: InUse,
  { facts }: Context,
  finding: Emitter,
): Promise<Fetched> {
  // The finding about the record names a location that cannot be used.
  if (location === null || location.place === null) return { kind: 'none', finding: null };
  const { uri } = location;
  const { host, port, path } = location.place;
  const about = { name: place.name, item: file };
  if (port !== 443) {
    const reason = 'other-port';
    return { kind: 'none', finding: finding('bimi/inconclusive', { reason, file, uri, port }, { about, rests }) };
  }
  const fetched = await facts(webFile, host, path, MAX_BYTES[file], `BIMI ${file}`);
  const detail = { about, rests: [...rests, ...questionsOf(...fetched.answers)] };
  const result = resultOf(fetched, MAX_BYTES[file]);
  switch (result.kind) {
    case 'file':
      return { ...result, uri };
    case 'unknown': {
      const evidence = { reason: 'host-lookup-failed', file, query: queryEvidence(result.query) } as const;
      return { kind: 'none', finding: finding('bimi/inconclusive', evidence, detail) };
    }
    case 'unfetched': {
      const evidence = { reason: 'fetch-failed', file, uri, detail: result.detail } as const;
      return { kind: 'none', finding: finding('bimi/inconclusive', evidence, detail) };
    }
    case 'fault': {
      const problem = { kind: 'fetch', file, uri, fault: result.fault } as const;
      // An address record settles a host without address, and nothing in the DNS settles the rest.
      const ofHost = result.fault.kind === 'no-address' ? {} : ({ isOfHost: true } as const);
      return { kind: 'none', finding: finding('bimi/invalid', { ...place, problem }, { ...detail, ...ofHost }) };
    }
  }
}

type Result =
  | { readonly kind: 'file'; readonly body: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: FetchFault }
  | { readonly kind: 'unfetched'; readonly detail: string }
  | { readonly kind: 'unknown'; readonly query: Extract<WebFile, { kind: 'unknown' }>['query'] };

function resultOf(fetched: WebFile, maxBytes: number): Result {
  switch (fetched.kind) {
    case 'no-address':
      return { kind: 'fault', fault: { kind: 'no-address' } };
    case 'unknown':
      return fetched;
    case 'asked':
      return resultOfRequest(fetched.outcome, maxBytes);
  }
}

function resultOfRequest(outcome: HttpsOutcome, maxBytes: number): Result {
  const fault = (one: FetchFault): Result => ({ kind: 'fault', fault: one });
  switch (outcome.status) {
    case 'response': {
      const { code, location, body, isTooLong } = outcome;
      if (code >= 300 && code < 400) return fault({ kind: 'redirect', code, location });
      if (code !== 200) return fault({ kind: 'status', code });
      return isTooLong ? fault({ kind: 'too-long', maxBytes }) : { kind: 'file', body };
    }
    case 'untrusted': {
      const { coversName, trustError } = outcome.tls;
      return fault({ kind: 'untrusted', coversName, error: trustError });
    }
    case 'refused':
    case 'reset':
    case 'tls-failed':
    case 'malformed':
      return fault({ kind: 'connection', status: outcome.status, detail: outcome.detail });
    // A network that lets no web connections out looks the same.
    case 'timeout':
    case 'unreachable':
    case 'no-route':
    case 'forbidden':
    case 'aborted':
    case 'unasked':
      return { kind: 'unfetched', detail: outcome.detail };
  }
}
