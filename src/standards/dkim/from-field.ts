/**
 * Finds the author domain of a message: the domain of the addresses in its From field (RFC 5322 §3.4, §3.6.2).
 *
 * The parser is lenient about the local part, because only the domain matters. It returns no domain for a field that
 * does not follow the grammar, because receivers would guess different domains. Each step takes time linear in the
 * length of the field.
 */
import type { Domain } from '../../network/domain.ts';
import { domainOf, type HeaderField } from './mail.ts';

/**
 * A token: a quoted string, a domain literal, a special character, or the characters of an atom (RFC 5322 §3.2.3 to
 * §3.2.4, §3.4.1). Octets of UTF-8 text belong to atoms (RFC 6532 §3.2). Comments are removed before.
 */
const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^[\]\\]*\]|[<>,:;@."[\]]|[^<>,:;@."[\] \t\r\n]+/gs;
const SPECIALS: ReadonlySet<string> = new Set('<>,:;@."[]');

/**
 * Finds the author domain. DMARC applies only to messages with one From field and one author domain (RFC 9989 §4.3).
 *
 * @returns the common domain of all authors, or `null` when there is not exactly one.
 */
export function authorDomain(fields: readonly HeaderField[]): Domain | null {
  const [field, ...others] = fields.filter(({ name }) => name === 'from');
  if (!field || others.length > 0) return null;
  const value = field.text.slice(field.text.indexOf(':') + 1);
  const written = domainsIn(value);
  const [domain, ...more] = new Set([...new Set(written)].map(domainOf));
  return domain && more.length === 0 ? domain : null;
}

/** @returns the domains of the addresses as written, with an empty string for each invalid address. */
function domainsIn(value: string): string[] {
  const text = withoutComments(value);
  if (text === undefined) return [''];
  const domains: string[] = [];
  let mailbox: string[] = [];
  const finish = (): void => {
    const domain = mailboxDomain(mailbox);
    if (domain !== undefined) domains.push(domain);
    mailbox = [];
  };
  let isInAngle = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '<') isInAngle = true;
    if (token === '>') isInAngle = false;
    // §3.4: a group is a name, a colon, the members and a semicolon. RFC 6854 allows a group in From.
    const isGroupName = token === ':' && !isInAngle && !mailbox.includes('@');
    if (isGroupName) mailbox = [];
    else if (!isInAngle && (token === ',' || token === ';')) finish();
    else mailbox.push(token);
  }
  finish();
  return domains;
}

/**
 * Finds the domain of one mailbox. A place in the list may have no address: it may be empty (§4.4), or it may be the
 * first half of a name that lacks its quotes, as in "Smith, Ann <ann@example.com>".
 *
 * @returns the domain as written, the empty string for an invalid address, or `undefined` without an address.
 */
function mailboxDomain(tokens: readonly string[]): string | undefined {
  const open = tokens.indexOf('<');
  if (open < 0) return tokens.includes('@') || tokens.includes('>') ? addressDomain(tokens) : undefined;
  // §3.4: any name may precede the angle bracket, but no text may follow the address.
  const close = tokens.indexOf('>', open);
  if (close !== tokens.length - 1) return '';
  const inside = tokens.slice(open + 1, close);
  // §4.4: an obsolete route is ignored, as in "<@a.example,@b.example:ann@example.com>".
  return addressDomain(inside[0] === '@' ? inside.slice(inside.indexOf(':') + 1) : inside);
}

/** @returns the domain of `local-part "@" domain` (§3.4.1), or the empty string for other tokens. */
function addressDomain(tokens: readonly string[]): string {
  const at = tokens.indexOf('@');
  const [local, domain] = [tokens.slice(0, at), tokens.slice(at + 1)];
  if (at < 1 || !isDotted(local) || !isDotted(domain)) return '';
  // A domain literal such as [192.0.2.1] is not a domain name.
  return domain.some((token) => /^["[]/.test(token)) ? '' : domain.join('');
}

/** Tells whether the tokens are words with dots between them, such as "ann.smith" or "ann . smith". */
function isDotted(tokens: readonly string[]): boolean {
  const isWord = (token = '.'): boolean => token !== '.';
  return (
    tokens.length > 0 &&
    tokens.every((token, index) => {
      if (SPECIALS.has(token) && token !== '.') return false;
      return !(isWord(token) && isWord(tokens[index - 1]));
    })
  );
}

/**
 * Removes comments. They may be nested and may occur wherever white space may (§3.2.2).
 *
 * @returns the text without comments, or `undefined` when a comment or a quoted string does not end.
 */
function withoutComments(value: string): string | undefined {
  let depth = 0;
  let isQuoted = false;
  let kept = '';
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    if (character === '\\' && (isQuoted || depth > 0)) {
      if (depth === 0) kept += value.slice(index, index + 2);
      index++;
      continue;
    }
    if (character === '"' && depth === 0) isQuoted = !isQuoted;
    if (character === '(' && !isQuoted) depth++;
    if (depth === 0) kept += character;
    if (character === ')' && !isQuoted && depth > 0 && --depth === 0) kept += ' ';
  }
  return depth > 0 || isQuoted ? undefined : kept;
}
