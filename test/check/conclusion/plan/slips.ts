/** The slips of owners: what becomes of a text that was meant to be right. */
import fc from '../../../fast-check.ts';

/** A slip: its name, and what it makes of a text at a place from 0 to 1. Equal texts mean that it does not fit. */
type Slip = readonly [name: string, make: (text: string, place: number) => string];

/** @returns the text with one of the places that match the pattern replaced. */
function at(pattern: RegExp, by: string | ((found: string) => string)) {
  return (text: string, place: number): string => {
    const found = [...text.matchAll(new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`))];
    const one = found[Math.min(Math.floor(place * found.length), found.length - 1)];
    if (one === undefined) return text;
    const fresh = typeof by === 'string' ? by : by(one[0]);
    return text.slice(0, one.index) + fresh + text.slice(one.index + one[0].length);
  };
}

/** The text as octets of UTF-8, one character for each octet. */
const octets = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

export const SPF_SLIPS: readonly Slip[] = [
  ['version without its number', at(/^v=spf1/, 'v=spf')],
  ['semicolon behind the version', at(/^v=spf1 /, 'v=spf1; ')],
  ['space before the version', at(/^/, ' ')],
  ['quotes around', (text) => `"${text}"`],
  ['typographic quotes around', (text) => octets(`“${Buffer.from(text, 'latin1').toString('utf8')}”`)],
  ['hyphen before the version', at(/^/, '-')],
  ['byte order mark', (text) => octets('\ufeff') + text],
  ['spaces in the version', at(/^v=spf1/, 'v = spf1')],
  ['colon in the version', at(/^v=spf1/, 'v:spf1')],
  ['comma for a space', at(/(?<=\S) (?=[a-z~?-])/, ', ')],
  ['tab for a space', at(/ /, '\t')],
  ['no-break space', at(/ /, octets('\u00a0'))],
  ['no space before all', at(/ (?=[~-]all)/, '')],
  ['typographic dash', at(/-(?=all)/, octets('–'))],
  ['space inside all', at(/(?<=[~-])(?=all)/, ' ')],
  ['misspelt include', at(/include:/, 'inlcude:')],
  ['equals in include', at(/include:/, 'include=')],
  ['space in include', at(/include:/, 'include: ')],
  ['plural include', at(/include:/, 'includes:')],
  ['ipv4', at(/ip4:/, 'ipv4:')],
  ['ip', at(/ip4:/, 'ip:')],
  ['equals in ip4', at(/ip4:/, 'ip4=')],
  ['space in ip4', at(/ip4:/, 'ip4: ')],
  ['address in a', at(/ip4:(?=[\d.]+( |$))/, 'a:')],
  ['dot at the end', (text) => `${text}.`],
  ['semicolon at the end', (text) => `${text};`],
  ['token inside', at(/ (?=[~?-]all)/, ' MS=ms00000000 ')],
  ['terms behind all', (text) => text.replace(/^(v=spf1 )(\S+) (.*?)([~?-]all)$/, '$1$3$4 $2')],
  ['capitals', (text) => text.replace('v=spf1', 'V=SPF1')],
  ['two spaces', at(/ /, '  ')],
  // Versions.
  ['version with a hyphen', at(/^v=spf1/, 'v-spf1')],
  ['version with a letter for its number', at(/^v=spf1/, 'v=spfl')],
  ['letters of the version swapped', at(/^v=spf1/, 'v=sfp1')],
  ['version without its tag', at(/^v=spf1/, 'spf1')],
  ['version with two signs', at(/^v=spf1/, 'v==spf1')],
  ['version glued', at(/^v=spf1 (?=[a-z])/, 'v=spf1')],
  ['version twice', at(/^v=spf1 /, 'v=spf1 v=spf1 ')],
  ['comma behind the version', at(/^v=spf1 /, 'v=spf1, ')],
  ['zero-width space', at(/ /, octets('\u200b '))],
  ['line breaks', at(/ /, '\r\n')],
  ['zone-file line', (text) => `example.com. IN TXT "${text}"`],
  ['value with its type', (text) => `TXT "${text}"`],
  ['parentheses', (text) => `( "${text}" )`],
  // Terms.
  ['wrong family', at(/ip6:/, 'ip4:')],
  ['capital mechanism', at(/(?:include|ip4):/, (found) => found.toUpperCase())],
  ['slash behind a space', at(/\/(?=\d+( |$))/, ' /')],
  ['backslash in a prefix length', at(/(?<=ip4:[\d.]+)\/(?=\d)/, '\\')],
  ['semicolon in include', at(/include:/, 'include;')],
  ['comma in ip4', at(/ip4:/, 'ip4,')],
  ['colon twice', at(/(?:include|ip4):/, (found) => `${found}:`)],
  ['space before the colon', at(/(?<=include|ip4):/, ' :')],
  ['no colon in ip4', at(/ip4:/, 'ip4')],
  ['space for the colon', at(/(?:include|ip4):/, (found) => found.replace(':', ' '))],
  ['include without a letter', at(/include:/, 'inclde:')],
  ['hyphen for a colon', at(/include:/, 'include-')],
  ['dot behind a name', at(/(?<=include:\S+)(?= )/, '.')],
  ['URL in include', at(/include:/, 'include:https://')],
  ['at sign in include', at(/include:/, 'include:@')],
  ['quotes in a term', at(/(?<=include:)\S+/, (found) => `"${found}"`)],
  ['second address without its mechanism', at(/(?<=ip4:\S+) ip4:/, ' ')],
  ['second address behind a comma', at(/(?<=ip4:\S+) ip4:/, ',')],
  ['equals in a', at(/(?<= )a:/, 'a=')],
  ['space in a', at(/(?<= )a:/, 'a: ')],
  ['semicolon between terms', at(/(?<=\S) (?=[a-z~?-])/, '; ')],
  ['plus between terms', at(/(?<=ip4:\S+) (?=[a-z])/, ' + ')],
  ['plus before a term', at(/ (?=ip4|include|mx)/, ' +')],
  // Endings.
  ['minus sign', at(/-(?=all)/, octets('−'))],
  ['long dash', at(/-(?=all)/, octets('—'))],
  ['small tilde', at(/~(?=all)/, octets('˜'))],
  ['two hyphens', at(/-(?=all)/, '--')],
  ['sign behind all', (text) => text.replace(/([~-])all$/, 'all$1')],
  ['letter too many in all', at(/(?<=[~-])all$/, 'alll')],
  ['letter missing in all', at(/(?<=[~-])all$/, 'al')],
  ['capital all', at(/(?<=[~-])all$/, 'ALL')],
  ['two endings', at(/(?<=[~?-])all$/, 'all ?all')],
  ['no ending', at(/ [~?-]all$/, '')],
  ['redirect beside all', (text) => text.replace(/^(.*?) include:(\S+)(.*)$/, '$1$3 redirect=$2')],
  ['comma at the end', (text) => `${text},`],
  ['hash of a comment', (text) => `${text} ; mail servers`],
];

export const DMARC_SLIPS: readonly Slip[] = [
  ['small letters in the version', at(/v=DMARC1/, 'v=dmarc1')],
  ['letter in the version', at(/DMARC1/, 'DMARCl')],
  ['colon in the version', at(/^v=/, 'v:')],
  ['no version', at(/^v=DMARC1; ?/, '')],
  ['no semicolon', at(/; /, ' ')],
  ['comma for a semicolon', at(/;/, ',')],
  ['backslash', at(/;/, '\\;')],
  ['quotes around', (text) => `"${text}"`],
  ['space before', (text) => ` ${text}`],
  ['no-break space', at(/ /, octets('\u00a0'))],
  ['two letters changed', (text) => text.replace('p=reject', 'p=rejcet').replace('p=quarantine', 'p=quarantien')],
  ['letter missing', (text) => text.replace('p=reject', 'p=rejct').replace('p=quarantine', 'p=quarantne')],
  ['spoken tag', at(/(?<=; )p=/, 'policy=')],
  ['address without mailto', at(/mailto:/, '')],
  ['colon for equals', at(/(?<=; (?:p|rua|adkim))=/, ':')],
  ['hyphen for equals', at(/(?<=; (?:p|adkim))=/, '-')],
  ['alignment in words', at(/adkim=s\b/, 'adkim=strict')],
  ['failure options with a colon', (text) => `${text}; fo:1`],
  ['empty ruf', (text) => `${text}; ruf=`],
  ['semicolon at the end', (text) => `${text};`],
  ['capital tag', at(/(?<=; )p=/, 'P=')],
  ['space in the version', at(/DMARC1/, 'DMARC 1')],
  ['version without its tag', at(/^v=DMARC1/, 'DMARC1')],
  ['letters of the version swapped', at(/DMARC1/, 'DAMRC1')],
  ['capital version tag', at(/^v=/, 'V=')],
  ['version behind the policy', (text) => text.replace(/^(v=DMARC1); (p=[a-z]+)/, '$2; $1')],
  ['version twice', (text) => text.replace(/^v=DMARC1; /, 'v=DMARC1; v=DMARC1; ')],
  ['typographic quotes around', (text) => octets(`“${Buffer.from(text, 'latin1').toString('utf8')}”`)],
  ['byte order mark', (text) => octets('\ufeff') + text],
  ['zero-width space', at(/ /, octets('\u200b'))],
  ['line break', at(/; /, ';\n')],
  ['tab', at(/; /, ';\t')],
  ['two semicolons', at(/; /, ';; ')],
  ['bar for a semicolon', at(/; /, ' | ')],
  ['zone-file line', (text) => `_dmarc IN TXT "${text}"`],
  ['value with its type', (text) => `TXT "${text}"`],
  ['policy in quotes', at(/(?<=; p=)[a-z]+/, (found) => `"${found}"`)],
  ['policy in capitals', at(/(?<=; p=)[a-z]+/, (found) => found.toUpperCase())],
  ['policy with an ending', at(/(?<=; p=)(?:reject|quarantine)/, (found) => `${found.replace(/e$/, '')}ed`)],
  ['dot behind the policy', at(/(?<=; p=)[a-z]+/, (found) => `${found}.`)],
  ['equals twice', at(/(?<=; (?:p|rua|adkim))=/, '==')],
  ['policy twice', (text) => text.replace(/(; p=[a-z]+)/, '$1$1')],
  ['space behind mailto', at(/mailto:/, 'mailto: ')],
  ['mail for mailto', at(/mailto:/, 'mail:')],
  ['equals in mailto', at(/mailto:/, 'mailto=')],
  ['semicolon in mailto', at(/mailto:/, 'mailto;')],
  ['mailto as of a URL', at(/mailto:/, 'mailto://')],
  ['letters of mailto swapped', at(/mailto:/, 'mialto:')],
  ['letters of rua swapped', at(/(?<=; )rua=/, 'rau=')],
  ['angle brackets', at(/mailto:[^,;\s]+/, (found) => `<${found}>`)],
  ['space between addresses', at(/,(?=mailto)/, ' ')],
  ['semicolon between addresses', at(/,(?=mailto)/, ';')],
  ['second address without mailto', at(/,mailto:/, ',')],
  ['rua twice', at(/,(?=mailto)/, '; rua=')],
  ['alignment in capitals', at(/adkim=s\b/, 'adkim=S')],
  ['relaxed in words', (text) => `${text}; aspf=relaxed`],
  ['percent sign', (text) => `${text}; pct=100%`],
  ['historic tags', (text) => `${text}; pct=100; ri=86400; rf=afrf`],
  ['options of failures without ruf', (text) => `${text}; fo=1`],
  ['unknown tag', (text) => `${text}; x-note=1`],
  ['dot at the end', (text) => `${text}.`],
  ['HTML entity', at(/;/, '&#59;')],
  ['typographic dash for equals', at(/(?<=; p)=/, octets('–'))],
];

export const KEY_SLIPS: readonly Slip[] = [
  ['quotes inside', (text) => text.replace(/^(.{90})/s, '$1" "')],
  ['quotes around', (text) => `"${text}"`],
  ['backslashes', at(/;/, '\\;')],
  ['zone-file line', (text) => `mail._domainkey IN TXT ( "${text.slice(0, 80)}" "${text.slice(80)}" )`],
  ['line break', at(/; /, ';\n')],
  ['no semicolon', at(/; (?=p=)/, ' ')],
  ['small letters in the version', at(/v=DKIM1/, 'v=dkim1')],
  ['byte order mark', (text) => octets('\ufeff') + text],
  ['typographic quotes around', (text) => octets(`“${text}”`)],
  ['letter in the version', at(/v=DKIM1/, 'v=DKIMl')],
  ['colon in the version', at(/v=/, 'v:')],
  ['colon in the key type', at(/k=/, 'k:')],
  ['colon before the key', at(/p=/, 'p:')],
  ['capital tag', at(/p=/, 'P=')],
  ['version last', (text) => text.replace(/^v=DKIM1; (.*)$/s, '$1; v=DKIM1')],
  ['comma for a semicolon', at(/;/, ',')],
  ['two semicolons', at(/;/, ';;')],
  ['no-break space', at(/ /, octets('\u00a0'))],
  ['spaces in the key', (text) => text.replace(/(.{60})/gs, '$1 ')],
  ['line breaks in the key', (text) => text.replace(/(.{64})/gs, '$1\n')],
  ['PEM lines', (text) => text.replace(/p=(.*)$/s, 'p=-----BEGIN PUBLIC KEY-----$1-----END PUBLIC KEY-----')],
  ['quotes with a line break', (text) => text.replace(/^(.{90})/s, '$1"\n\t"')],
  ['escaped quotes', (text) => text.replace(/^(.{90})/s, '$1\\" \\"')],
  ['comment of opendkim', (text) => `( "${text.slice(0, 60)}" "${text.slice(60)}" ) ; ----- DKIM key mail`],
  ['zone-file line with a TTL', (text) => `mail._domainkey.example.com. 3600 IN TXT "${text}"`],
  ['quote at the end', (text) => `${text}"`],
  ['plus signs as spaces', (text) => text.replaceAll('+', ' ')],
  ['base64url', (text) => text.replaceAll('+', '-').replaceAll('/', '_')],
  ['percent-encoding', (text) => text.replaceAll('+', '%2B').replaceAll('/', '%2F')],
  ['key twice', (text) => text.replace(/p=/, 'p=p=')],
  ['empty note', (text) => text.replace('; p=', '; n=; p=')],
  ['testing', (text) => text.replace('; p=', '; t=y; p=')],
  ['hash of old days', (text) => text.replace('; p=', '; h=sha1; p=')],
  ['key type in capitals', at(/k=rsa/, 'k=RSA')],
  ['semicolon at the end', (text) => `${text};`],
  ['no key type', at(/ k=rsa;/, '')],
];

/** @returns a text with some slips, each at a random place. */
export function slipped(
  slips: readonly Slip[],
  most: number,
): fc.Arbitrary<(text: string) => { text: string; slips: string[] }> {
  const one = fc.tuple(fc.constantFrom(...slips), fc.double({ min: 0, max: 0.999, noNaN: true }));
  return fc.array(one, { maxLength: most }).map((chosen) => (text) => {
    const made: string[] = [];
    let current = text;
    for (const [[name, make], place] of chosen) {
      if (made.includes(name)) continue;
      const changed = make(current, place);
      if (changed !== current) made.push(name);
      current = changed;
    }
    return { text: current, slips: made };
  });
}
