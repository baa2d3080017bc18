/** Converts the details of a handshake to the form that a recording keeps, and back. */
import { X509Certificate } from 'node:crypto';
import type { TlsDetails } from '../network/smtp/types.ts';
import type { RecordedTls } from './schema.ts';

/** @returns the details with the certificates as Base64. */
export function keepTls({ chain, keyExchange, protocol, cipher, trusted, trustError }: TlsDetails): RecordedTls {
  const { type, name, size } = keyExchange;
  return {
    protocol,
    cipher,
    trusted,
    trustError,
    keyExchange: {
      ...(type === undefined ? {} : { type }),
      ...(name === undefined ? {} : { name }),
      ...(size === undefined ? {} : { size }),
    },
    chain: chain.map(({ raw }) => raw.toString('base64')),
  };
}

/** @returns the recorded details, with the certificates read. */
export function giveTls({ chain, ...tls }: RecordedTls): TlsDetails {
  return { ...tls, chain: chain.map((der) => new X509Certificate(Buffer.from(der, 'base64'))) };
}
