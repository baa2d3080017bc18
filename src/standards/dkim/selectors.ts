/**
 * Selectors to guess. A selector may be any name (RFC 6376 §3.1), and the DNS does not list those in use. But signing
 * services and mail software use the same selectors for many domains.
 *
 * Some selectors cannot be guessed: Amazon SES uses 32 random characters, and Postmark uses `<timestamp>pm`.
 */
import { isSameOrSubdomain } from '../../network/domain.ts';

/** Largest number of guessed selectors for one domain. Each costs a query. */
export const MAX_CANDIDATES = 90;

/** Number of months, up to the current one, for which a selector with a date is tried. */
const MONTHS = 18;

interface SelectorHabit {
  /** The services or software with these selectors. */
  readonly by: string;
  readonly selectors: readonly string[];
  /** Domains in SPF (`include`, `redirect`) or MX records whose presence shows that the service is in use. */
  readonly hints?: readonly string[];
  /** Selectors that the service derives from a customer number, which is part of its SPF include. */
  readonly fromHint?: { readonly pattern: RegExp; readonly selectors: readonly string[] };
  /** Selectors that are unlikely without a hint. They are tried among the first with a hint, and last without one. */
  readonly onlyHinted?: readonly string[];
}

/** The selectors in the order of guessing. `{year}`, `{yyyymm}` and `{mmyy}` mean the dates of the last 18 months. */
const HABITS: readonly SelectorHabit[] = [
  { by: 'OpenDKIM, Debian, Mail-in-a-Box, Postfix how-tos', selectors: ['mail', 'default'] },
  { by: 'mailcow, Mailu, iRedMail, rspamd', selectors: ['dkim'] },
  { by: 'cPanel, Plesk', selectors: ['default'] },
  { by: 'DirectAdmin', selectors: ['x'] },
  {
    by: 'Google Workspace',
    selectors: ['google'],
    hints: ['_spf.google.com', 'google.com', 'googlemail.com'],
    onlyHinted: ['20230601', '20210112', '20161025'],
  },
  {
    by: 'Microsoft 365',
    selectors: ['selector1', 'selector2'],
    hints: ['spf.protection.outlook.com', 'mail.protection.outlook.com', 'mx.microsoft'],
  },
  { by: 'SendGrid and others', selectors: ['s1', 's2', 'smtpapi', 'em', 'm1'], hints: ['sendgrid.net'] },
  {
    by: 'Mailchimp, Mandrill',
    selectors: ['k1', 'k2', 'k3', 'mandrill', 'mte1', 'mte2'],
    hints: ['servers.mcsv.net', 'spf.mandrillapp.com'],
  },
  {
    by: 'Mailgun',
    selectors: ['mx', 'mailo', 'smtp', 'pic', 'krs', 'pdk1', 'pdk2', 'k1'],
    hints: ['mailgun.org'],
  },
  { by: 'Postmark', selectors: ['pm'], hints: ['spf.mtasv.net'] },
  { by: 'Zoho', selectors: ['zoho', 'zmail', 'default'], hints: ['zoho.com', 'zoho.eu', 'zoho.in', 'zohomail.com'] },
  {
    by: 'Proton',
    selectors: ['protonmail', 'protonmail2', 'protonmail3'],
    hints: ['_spf.protonmail.ch', 'protonmail.ch'],
  },
  { by: 'Fastmail', selectors: ['fm1', 'fm2', 'fm3'], hints: ['messagingengine.com'], onlyHinted: ['mesmtp'] },
  { by: 'iCloud+', selectors: ['sig1'], hints: ['icloud.com'] },
  { by: 'Brevo', selectors: ['mail', 'brevo1', 'brevo2', 'sib'], hints: ['spf.brevo.com', 'spf.sendinblue.com'] },
  {
    by: 'HubSpot',
    selectors: [],
    hints: ['hubspotemail.net'],
    fromHint: { pattern: /^(\d{3,12})\.spf\d*\.hubspotemail\.net$/, selectors: ['hs1-$1', 'hs2-$1'] },
  },
  { by: 'Klaviyo', selectors: ['kl', 'kl2', 'dkim1'], hints: ['klaviyomail.com', 'klaviyo.com'] },
  { by: 'Mailjet', selectors: ['mailjet'], hints: ['spf.mailjet.com'] },
  { by: 'Zendesk', selectors: ['zendesk1', 'zendesk2'], hints: ['mail.zendesk.com'] },
  { by: 'Constant Contact', selectors: ['ctct1', 'ctct2'], hints: ['spf.constantcontact.com'] },
  { by: 'Resend', selectors: ['resend'], hints: ['amazonses.com'] },
  { by: 'SparkPost', selectors: [], hints: ['sparkpostmail.com'], onlyHinted: ['scph{mmyy}'] },
  { by: 'Campaign Monitor', selectors: ['cm'], hints: ['createsend.com'] },
  { by: 'Cloudflare', selectors: ['cf2024-1'], hints: ['_spf.mx.cloudflare.net', 'mx.cloudflare.net'] },
  { by: 'Yandex', selectors: ['mail'], hints: ['_spf.yandex.net', 'mx.yandex.net', 'mx.yandex.ru'] },
  { by: 'Mail.ru', selectors: [], hints: ['_spf.mail.ru', 'emx.mail.ru'], onlyHinted: ['mailru'] },
  { by: 'Tuta', selectors: ['s1', 's2'], hints: ['spf.tutanota.de', 'mail.tutanota.de'] },
  { by: 'Migadu', selectors: ['key1', 'key2', 'key3'], hints: ['spf.migadu.com', 'migadu.com'] },
  { by: 'mailbox.org', selectors: ['mbo0001', 'mbo0002', 'mbo0003', 'mbo0004'], hints: ['mailbox.org'] },
  { by: 'Gandi', selectors: ['gm1', 'gm2', 'gm3'], hints: ['_mailcust.gandi.net', 'mail.gandi.net'] },
  {
    by: 'IONOS',
    selectors: ['s1-ionos', 's2-ionos'],
    onlyHinted: ['s42582890'],
    hints: [
      '_spf-eu.ionos.com',
      '_spf-us.ionos.com',
      '_spf.perfora.net',
      '_spf.kundenserver.de',
      'kundenserver.de',
      'ionos.de',
      'ionos.com',
    ],
  },
  {
    by: 'habit',
    selectors: ['selector', 'dk', 'dkim2', 'mta', 'email', 's1024', 's2048', 'rsa', 'ed25519', '{year}', '{yyyymm}'],
  },
];

/**
 * Lists the selectors to guess for a domain.
 *
 * @param hints the names in the domain's SPF record and the names of its MX hosts.
 * @param now milliseconds since the epoch, for selectors with a date.
 * @returns at most `MAX_CANDIDATES` selectors, the most likely first.
 */
export function candidateSelectors(hints: readonly string[], now: number): string[] {
  const names = hints.map((hint) => hint.toLowerCase());
  const hinted = HABITS.filter((habit) =>
    habit.hints?.some((end) => names.some((name) => isSameOrSubdomain(name, end))),
  );
  const ordered = [
    ...hinted.flatMap((habit) => [...derivedSelectors(habit, names), ...habit.selectors, ...(habit.onlyHinted ?? [])]),
    ...HABITS.flatMap((habit) => habit.selectors),
    ...HABITS.flatMap((habit) => habit.onlyHinted ?? []),
  ];
  return [...new Set(ordered.flatMap((selector) => withDates(selector, now)))].slice(0, MAX_CANDIDATES);
}

/**
 * @returns the domains in `include:` and `redirect=` of an SPF record, which show the services that send for the
 *   domain.
 */
export function namesInSpf(text: string): string[] {
  if (!/^v=spf1(?: |$)/i.test(text)) return [];
  return text.split(' ').flatMap((term) => /^[+?~-]?(?:include:|redirect=)([^%]+)$/i.exec(term)?.[1] ?? []);
}

function derivedSelectors({ fromHint }: SelectorHabit, names: readonly string[]): string[] {
  if (!fromHint) return [];
  return names
    .filter((name) => fromHint.pattern.test(name))
    .flatMap((name) => fromHint.selectors.map((selector) => name.replace(fromHint.pattern, selector)));
}

function withDates(selector: string, now: number): string[] {
  if (!selector.includes('{')) return [selector];
  const today = new Date(now);
  const months = Array.from({ length: MONTHS }, (_, back) => {
    const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1));
    return { year: String(month.getUTCFullYear()), month: String(month.getUTCMonth() + 1).padStart(2, '0') };
  });
  return months.map(({ year, month }) =>
    selector
      .replace('{year}', year)
      .replace('{yyyymm}', year + month)
      .replace('{mmyy}', month + year.slice(2)),
  );
}
