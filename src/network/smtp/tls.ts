/** The TLS part of a session: a handshake that never judges, and what it showed. */
import type { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  DEFAULT_CIPHERS,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import { handshakeFailure } from './failure.ts';
import type { SmtpFailure, TlsDetails, TlsOptions } from './types.ts';

/** Longer chains are not followed; public ones have three or four certificates. */
const MAX_CHAIN_LENGTH = 10;

/** What came of a handshake; `fault` where mailcheck itself could not read what it showed. */
export type TlsOutcome = { readonly tls: TlsDetails } | { readonly fault: unknown } | SmtpFailure;

/**
 * Starts TLS on a connected socket and calls back once: with the socket's facts, or the failure. It sets no timer and
 * destroys nothing; both are the session's.
 */
export function secure(
  socket: Socket,
  options: TlsOptions,
  extraRoots: readonly string[],
  done: (outcome: TlsOutcome) => void,
): TLSSocket {
  const { servername } = options;
  const settings: ConnectionOptions = {
    socket,
    secureContext: contextOf(options, extraRoots),
    // An unverifiable certificate is a finding, not the end of the conversation; the identity is judged by RFC 9525.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(servername !== undefined && isIP(servername) === 0 ? { servername } : {}),
  };
  const secured = connect(settings);
  const settle = (outcome: TlsOutcome) => {
    secured.off('error', onError);
    secured.off('close', onClose);
    done(outcome);
  };
  const onError = (error: Error) => settle(handshakeFailure(error));
  const onClose = () =>
    settle({ status: 'tls-failed', detail: 'the server closed the connection during the handshake' });
  secured.once('error', onError);
  secured.once('close', onClose);
  secured.once('secureConnect', () => settle(outcomeOf(secured)));
  return secured;
}

/**
 * OpenSSL's security level is 1 up to Node.js 22, and 2 from 24 on, where it distrusts short keys. The rules judge keys
 * themselves, and must judge them alike everywhere.
 */
const CIPHERS = `${DEFAULT_CIPHERS}:@SECLEVEL=1`;

const contexts = new WeakMap<readonly string[], Map<string, SecureContext>>();

/** One for each way to shake hands, made once. */
function contextOf(
  { minVersion, maxVersion, ciphers = CIPHERS }: TlsOptions,
  extraRoots: readonly string[],
): SecureContext {
  const known = contexts.get(extraRoots) ?? new Map<string, SecureContext>();
  contexts.set(extraRoots, known);
  const key = JSON.stringify([minVersion, maxVersion, ciphers]);
  const options = {
    ...(minVersion ? { minVersion } : {}),
    ...(maxVersion ? { maxVersion } : {}),
    ciphers,
  };
  const context = known.get(key) ?? contextWith(options, extraRoots);
  known.set(key, context);
  return context;
}

/**
 * The option `ca` stands in place of the built-in roots, and giving those in it again takes Node nearly 100 ms, while
 * the connection waits. Its own handle adds to them instead; where a version of Node has it not, the long way is taken.
 */
function contextWith(options: SecureContextOptions, extraRoots: readonly string[]): SecureContext {
  const context = createSecureContext(options);
  if (extraRoots.length === 0) return context;
  const handle: { addCACert?: (pem: string) => void } | undefined = context.context;
  if (typeof handle?.addCACert !== 'function') {
    return createSecureContext({ ...options, ca: [...rootCertificates, ...extraRoots] });
  }
  for (const root of extraRoots) handle.addCACert(root);
  return context;
}

function outcomeOf(socket: TLSSocket): TlsOutcome {
  try {
    return { tls: tlsDetails(socket) };
  } catch (error) {
    // OpenSSL names what is wrong with a certificate by a code; anything else is no fault of the server.
    return error instanceof Error && 'code' in error ? handshakeFailure(error) : { fault: error };
  }
}

function tlsDetails(socket: TLSSocket): TlsDetails {
  const key = socket.getEphemeralKeyInfo();
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    keyExchange: key !== null && 'type' in key ? key : {},
    chain: presentedChain(socket),
    trusted: socket.authorized,
    trustError: socket.authorized ? null : trustError(socket.authorizationError),
  };
}

function presentedChain(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate && chain.length < MAX_CHAIN_LENGTH) {
    const { fingerprint256 } = certificate;
    if (chain.some((seen) => seen.fingerprint256 === fingerprint256)) break;
    chain.push(certificate);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** Node sets OpenSSL's code as a string here, whatever its types say. */
function trustError(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return 'unknown';
}
