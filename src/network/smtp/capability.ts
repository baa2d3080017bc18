/** What this machine's own TLS library can say, so that its limits are not taken for the server's. */
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { HandshakeLimits } from './types.ts';

/** Content type of a TLS record that carries a handshake message (RFC 8446 §5.1), such as the ClientHello. */
const HANDSHAKE = 0x16;

/** @returns whether a handshake with these versions and suites can be begun at all; nothing is connected to. */
export function canOffer(options: HandshakeLimits): Promise<boolean> {
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
      const client = connect({ socket: wire, ...options });
      client.on('error', () => resolve(false));
      wire.once('error', () => resolve(false));
    } catch {
      // OpenSSL knows none of the suites, or not the version.
      resolve(false);
    }
  });
}
