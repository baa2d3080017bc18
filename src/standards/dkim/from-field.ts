/**
 * The author domain of a message: the domain of the addresses in its From field (RFC 5322 §3.4, §3.6.2).
 *
 * Only the domain matters here, so that the local part is read loosely. What does not follow the grammar gives no domain
 * rather than a guess: receivers would guess in different ways. Every step is linear in the length of the field.
 */
import type { Domain } from '../../network/domain.ts';
import { domainOf, type HeaderField } from './mail.ts';

/**
 * A quoted string, a domain literal, a special character, or a run of the characters of an atom (RFC 5322 §3.2.3 to
 * §3.2.4, §3.4.1). Octets of UTF-8 text belong to atoms (RFC 6532 §3.2). Comments are gone by then.
 */
const TOKEN = /"(?:[^"\\]|\\.)*"|\[[^[\]\\]*\]|[<>,:;@."[\]]|[^<>,:;@."[\] \t\r\n]+/gs;
const SPECIALS: ReadonlySet<string> = new Set('<>,:;@."[]');

/**
 * @returns the one domain of all authors, or `null`. DMARC is for messages with one From field that names one domain
 *   (RFC 9989 §4.3).
 */
export function authorDomain(fields: readonly HeaderField[]): Domain | null {
  const [field, ...others] = fields.filter(({ name }) => name === 'from');
  if (!field || others.length > 0) return null;
  const value = field.text.slice(field.text.indexOf(':') + 1);
  const written = domainsIn(value);
  const [domain, ...more] = new Set([...new Set(written)].map(domainOf));
  return domain && more.length === 0 ? domain : null;
}

/** @returns the domains of the addresses as they are written; an empty one for an address that cannot be read. */
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
    // A group is its name, a colon, the members and a semicolon (§3.4); RFC 6854 allows one in From.
    const isGroupName = token === ':' && !isInAngle && !mailbox.includes('@');
    if (isGroupName) mailbox = [];
    else if (!isInAngle && (token === ',' || token === ';')) finish();
    else mailbox.push(token);
  }
  finish();
  return domains;
}

/**
 * @returns the domain of one mailbox, empty where it cannot be read, `undefined` where there is no address: the list may
 *   have empty places (§4.4), and people write "Smith, Ann <ann@example.com>" without quotes.
 */
function mailboxDomain(tokens: readonly string[]): string | undefined {
  const open = tokens.indexOf('<');
  if (open < 0) return tokens.includes('@') || tokens.includes('>') ? addressDomain(tokens) : undefined;
  // The name before the angle bracket may be anything; behind the address there is nothing (§3.4).
  const close = tokens.indexOf('>', open);
  if (close !== tokens.length - 1) return '';
  const inside = tokens.slice(open + 1, close);
  // An obsolete route, such as "<@a.example,@b.example:ann@example.com>", is ignored (§4.4).
  return addressDomain(inside[0] === '@' ? inside.slice(inside.indexOf(':') + 1) : inside);
}

/** @returns what is behind the `@` of `local-part "@" domain` (§3.4.1), empty for anything else. */
function addressDomain(tokens: readonly string[]): string {
  const at = tokens.indexOf('@');
  const [local, domain] = [tokens.slice(0, at), tokens.slice(at + 1)];
  if (at < 1 || !isDotted(local) || !isDotted(domain)) return '';
  // A domain literal, such as [192.0.2.1], is no domain name.
  return domain.some((token) => /^["[]/.test(token)) ? '' : domain.join('');
}

/** Whether the tokens are words with dots between, as "ann.smith" and "ann . smith" are and "ann smith" is not. */
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

/** Comments nest (§3.2.2), and stand wherever white space may. @returns `undefined` where one does not end. */
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
