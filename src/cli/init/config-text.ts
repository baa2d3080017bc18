/** Writes the text of a configuration file, with a comment above each key. */
import { Document, isScalar, type Pair, visit } from 'yaml';
import type { Discovered } from './discover.ts';

const HEAD = ` Configuration of mailcheck. Type mailcheck in this folder to check every target below.
 The keys are the options of mailcheck --help, in camelCase. Other targets go into the same list.`;

const COMMENTS: Readonly<Record<string, string>> = {
  ips: ' The addresses that the mail is sent from.',
  helo: ' The HELO name that the server announces.',
  selectors: ' The DKIM selectors in use.',
  provider: ' The hosting provider of the addresses.',
  failOn: ' Fail on: error, warning or never.',
};

/** What the configuration says. */
export interface ConfigContent extends Pick<Discovered, 'ips' | 'helo' | 'selectors' | 'provider'> {
  readonly domain: string;
}

/** @returns the text of `mailcheck.config.yaml`. What is not known is left out. */
export function configText({ domain, ips, helo, selectors, provider }: ConfigContent): string {
  const target = {
    domain,
    ...(ips.length === 0 ? {} : { ips: [...ips] }),
    ...(helo === null ? {} : { helo }),
    ...(selectors.length === 0 ? {} : { selectors: [...selectors] }),
    ...(provider === null ? {} : { provider: provider.id }),
  };
  const document = new Document({ targets: [target], failOn: 'error' });
  document.commentBefore = HEAD;
  visit(document, { Pair: (_, pair) => comment(pair) });
  return document.toString({ lineWidth: 0 });
}

function comment({ key }: Pair): void {
  if (!isScalar(key)) return;
  const text = COMMENTS[String(key.value)];
  if (text !== undefined) key.commentBefore = text;
  if (key.value === 'failOn') key.spaceBefore = true;
}
