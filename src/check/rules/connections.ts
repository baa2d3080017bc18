/** Says which connections a run makes, and why it makes no others. */
import type { Settings } from '../settings.ts';

/** Why a run makes no connection: as the user asked, or because a change of DNS is judged. */
export type NoConnection = 'offline' | 'dns-only' | 'change';

type Choices = Pick<Settings, 'dnsOnly' | 'offline' | 'gate' | 'smtp'>;

/** @returns why no mail server is connected to, or `null` if they are. */
export function whyNoSmtp({ dnsOnly, offline, gate, smtp }: Choices): NoConnection | null {
  if (offline) return 'offline';
  if (dnsOnly) return 'dns-only';
  return gate === 'change' && !smtp ? 'change' : null;
}

/** @returns why no web server is asked anything, or `null` if they are. */
export function whyNoWeb({ dnsOnly, offline }: Choices): Exclude<NoConnection, 'change'> | null {
  if (offline) return 'offline';
  return dnsOnly ? 'dns-only' : null;
}

/** @returns why the logo and the certificate of BIMI are not fetched, or `null` if they are. DNS does not hold them. */
export function whyNoLogo(settings: Choices): NoConnection | null {
  return whyNoWeb(settings) ?? (settings.gate === 'change' ? 'change' : null);
}

/** Why a check that needs mail servers is not run. */
export const NO_SMTP: Readonly<Record<NoConnection, string>> = {
  offline: 'no connection with --offline',
  'dns-only': 'no SMTP connection with --dns-only',
  change: 'no SMTP connection for a change of DNS (--smtp)',
};

/** Why a check that needs a web server is not run. */
export const NO_WEB: Readonly<Record<NoConnection, string>> = {
  offline: 'no connection with --offline',
  'dns-only': 'no web request with --dns-only',
  change: 'logo and certificate not fetched for a change of DNS (--gate all)',
};

/** What a note says in brackets when a check made no connection. */
export const UNCONNECTED: Readonly<Record<NoConnection, string>> = {
  offline: '--offline',
  'dns-only': '--dns-only',
  change: 'change of DNS',
};
