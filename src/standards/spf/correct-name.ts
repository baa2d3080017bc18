/** Reads the domain names that people type in SPF terms. */

import { domainToASCII } from 'node:url';
import { parse as parseSuffix } from 'tldts';
import { MAX_NAME } from '../../network/domain.ts';
import { parseDomainSpec } from './macro-syntax.ts';
import type { SpfSlipKind } from './slip.ts';

/** The top labels that stand in examples and tests (RFC 2606 §2). */
const RESERVED_TOPS: ReadonlySet<string> = new Set(['example', 'test']);

/** A domain-spec, and the slips of the text that it was read from. */
export interface NameReading {
  readonly name: string;
  readonly kinds: readonly SpfSlipKind[];
}

/** @returns whether a text is a name of at least two labels that a public host may have. */
export function isPlainName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const labels = name.split('.');
  return (
    name.length <= MAX_NAME &&
    labels.length >= 2 &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i.test(label)) &&
    /^(?:[a-z]+|xn--[a-z0-9-]+)$/i.test(labels.at(-1) ?? '')
  );
}

/** @returns whether the last label of a name is a top-level domain. */
export function hasKnownTop(name: string): boolean {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  const top = bare.slice(bare.lastIndexOf('.') + 1).toLowerCase();
  return RESERVED_TOPS.has(top) || parseSuffix(`x.${top}`).isIcann === true;
}

/** @returns the domain-spec that a text means, or `null` when it is not plainly a name. */
export function readName(text: string): NameReading | null {
  if (text.includes('%')) return readMacroName(text);
  const kinds = new Set<SpfSlipKind>();
  const edit = (kind: SpfSlipKind, from: string, to: string) => {
    if (from !== to) kinds.add(kind);
    return to;
  };
  let name = edit('url', text, text.replace(/^(?:https?|smtp|dns|spf):\/+([^/?#]*).*$/is, '$1'));
  name = edit('punctuation', name, name.replace(/^[[(<{.:=@]+/, '').replace(/(?<![\])>}:=/!])[\])>}:=/!]+$/, ''));
  name = edit('punctuation', name, name.replace(/\.{2,}/g, '.'));
  name = edit('port', name, name.replace(/:\d{1,5}$/, ''));
  if (name.split('.').some(isMixed)) return null;
  if (/[^\x00-\x7f]/.test(name)) name = edit('non-ascii-name', name, domainToASCII(name));
  return isPlainName(name) ? { name, kinds: [...kinds] } : null;
}

/** Tells whether a label has letters of two alphabets. No registry allows that, and one of them is mistyped. */
function isMixed(label: string): boolean {
  return /[a-z]/i.test(label) && /[\u0370-\u052f]/.test(label);
}

function readMacroName(text: string): NameReading | null {
  const name = text.replace(/^[:=]+/, '').replace(/(?<![,;:])[,;:]+$/, '');
  return parseDomainSpec(name).ok ? { name, kinds: name === text ? [] : ['punctuation'] } : null;
}
