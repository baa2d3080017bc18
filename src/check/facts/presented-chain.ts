/** Reads the certificates that an MX host shows to a sender that names it by the TLSA base domain (RFC 7672 §3.2). */
import { sameName } from '../../network/domain.ts';
import type { IpAddress } from '../../network/ip.ts';
import type { SmtpFailure, SmtpReply, TlsDetails } from '../../network/smtp/types.ts';
import { type HostNeeds, hostFact } from './fact.ts';
import { type DialogueSources, type Greeting, greeting, tls } from './greeting.ts';
import { tlsNamed } from './handshake.ts';
import type { DialogueToTls } from './overwritten.ts';

/** What the host shows at one address. */
export type Presented =
  | { readonly kind: 'shown'; readonly tls: TlsDetails }
  /** The server does not offer STARTTLS, or refuses the command. */
  | {
      readonly kind: 'no-tls';
      readonly command: 'EHLO' | 'STARTTLS';
      readonly reply: SmtpReply;
      readonly seen: DialogueToTls;
    }
  | { readonly kind: 'failed'; readonly failure: SmtpFailure }
  /** The dialogue ended before STARTTLS. */
  | { readonly kind: 'unreached'; readonly greeting: Greeting };

/**
 * Reads the certificates at an address. It makes no connection of its own if the first one has sent the same name.
 */
export const presentedChain = hostFact(
  async ({ facts }: HostNeeds<DialogueSources>, ip: IpAddress, base: string): Promise<Presented> => {
    const first = await facts(tls, ip);
    switch (first.kind) {
      case 'unreached':
        return { kind: 'unreached', greeting: first.greeting };
      case 'not-offered':
      case 'declined': {
        const [command, reply] =
          first.kind === 'declined' ? (['STARTTLS', first.reply] as const) : (['EHLO', first.hello] as const);
        return { kind: 'no-tls', command, reply, seen: { greeting: await facts(greeting, ip), tls: first } };
      }
      case 'secured':
      case 'failed': {
        const isNamed = first.serverName !== null && sameName(first.serverName, base);
        if (!isNamed) {
          const again = await facts(tlsNamed, ip, base);
          return 'tls' in again ? { kind: 'shown', tls: again.tls } : { kind: 'failed', failure: again.failure };
        }
        return first.kind === 'secured'
          ? { kind: 'shown', tls: first.tls }
          : { kind: 'failed', failure: first.failure };
      }
    }
  },
);
