/** The details of a TLS handshake that tests of a dialogue do not look at. */
import type { TlsDetails } from '../../src/network/smtp/types.ts';

export const tlsDetails: TlsDetails = {
  protocol: 'TLSv1.3',
  cipher: 'X',
  keyExchange: {},
  chain: [],
  trusted: true,
  trustError: null,
};
