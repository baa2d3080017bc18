/** The TLS part of an SMTP session. The handshake accepts every certificate, so that rules can report its defects. */
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

/** Largest number of certificates that are read. Public chains have three or four. */
const MAX_CHAIN_LENGTH = 10;

/** The outcome of a handshake. A `fault` is an error of mailcheck itself while it reads the details. */
export type TlsOutcome = { readonly tls: TlsDetails } | { readonly fault: unknown } | SmtpFailure;

/**
 * Starts TLS on a connected socket. Calls `done` once, with the details of the handshake or with the failure. Sets no
 * timer and does not destroy the socket: the session does both.
 *
 * @param extraRoots CA certificates (PEM) to trust in addition to the built-in roots.
 * @returns the TLS socket, while the handshake is still in progress.
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
    // A certificate that does not verify is a finding and must not end the session. Rules check the name (RFC 9525).
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
 * OpenSSL's security level is 1 up to Node.js 22 and 2 from Node.js 24, where it rejects short keys. The rules
 * themselves check the keys, and their result must not depend on the version of Node.
 */
const CIPHERS = `${DEFAULT_CIPHERS}:@SECLEVEL=1`;

/** The most contexts that are kept. Runs with the same roots need about ten. */
const MAX_CONTEXTS = 64;

/** The contexts by what they are made of, the one used last at the end. To make one takes milliseconds. */
const contexts = new Map<string, SecureContext>();

/** @returns the TLS context for these options and roots. Runs share it, because a context keeps nothing of a connection. */
function contextOf(
  { minVersion, maxVersion, ciphers = CIPHERS }: TlsOptions,
  extraRoots: readonly string[],
): SecureContext {
  const key = JSON.stringify([minVersion, maxVersion, ciphers, extraRoots]);
  const options = {
    ...(minVersion ? { minVersion } : {}),
    ...(maxVersion ? { maxVersion } : {}),
    ciphers,
  };
  const context = contexts.get(key) ?? contextWith(options, extraRoots);
  contexts.delete(key);
  contexts.set(key, context);
  const [oldest] = contexts.keys();
  if (contexts.size > MAX_CONTEXTS && oldest !== undefined) contexts.delete(oldest);
  return context;
}

/**
 * Creates a TLS context that trusts the built-in roots and the extra ones. The option `ca` replaces the built-in roots.
 * To pass them again takes Node nearly 100 ms, while the connection waits. So the extra roots are added through the
 * internal handle of the context, and `ca` is the fallback for versions of Node without this method.
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
    // OpenSSL's errors about a certificate have a code. Any other error is a fault of mailcheck itself.
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

/** Reads OpenSSL's verification code. Node stores it as a string, although its types declare an Error. */
function trustError(error: unknown): string {
  if (typeof error === 'string') return error;
  if (error instanceof Error) return 'code' in error ? String(error.code) : error.message;
  return 'unknown';
}
