/** Tells what this machine's TLS library can offer, so that its limits do not look like limits of the server. */
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { HandshakeLimits } from './types.ts';

/** Content type of a TLS record with a handshake message, such as the ClientHello (RFC 8446 §5.1). */
const HANDSHAKE = 0x16;

/** What is known, by versions and suites. The library does not change while the process runs. */
const known = new Map<string, Promise<boolean>>();

/** @returns whether this machine can start a handshake with these versions and cipher suites. Never rejects. */
export function canOffer(limits: HandshakeLimits): Promise<boolean> {
  const key = JSON.stringify([limits.minVersion, limits.maxVersion, limits.ciphers]);
  const found = known.get(key) ?? writesHello(limits);
  known.set(key, found);
  return found;
}

/** Starts a TLS handshake without any connection, to see whether this machine can write a ClientHello for it. */
function writesHello(limits: HandshakeLimits): Promise<boolean> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        done();
        resolve(chunk[0] === HANDSHAKE);
        wire.destroy();
      },
    });
    try {
      const client = connect({ socket: wire, ...limits });
      client.on('error', () => resolve(false));
      wire.once('error', () => resolve(false));
    } catch {
      // OpenSSL supports none of the cipher suites, or does not support the version.
      resolve(false);
    }
  });
}
