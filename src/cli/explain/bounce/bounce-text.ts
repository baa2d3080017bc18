/** Prints the explanation of a bounce for a terminal. */

import type { Certainty } from '../../../check/facts/reply/reading.ts';
import { count } from '../../../report/count.ts';
import { wrap } from '../../../reporters/layout.ts';
import { copyable, printable } from '../../../reporters/printable.ts';
import type { Tones } from '../../../reporters/tones.ts';
import { explanationOf } from '../explanations.ts';
import type { Bounce, ExplainedReply } from './bounce.ts';

/** The most characters of the words of a reply that are shown. */
const MAX_WORDS = 300;

/** The most findings of a reply whose fix is printed. */
const MAX_FIXES = 3;

const CERTAINTY: Readonly<Record<Certainty, string>> = {
  certain: 'Certain',
  likely: 'Likely',
  general: 'In general',
};

/** @returns the lines of the explanation. Text is wrapped at `width` columns. Commands stay whole. */
export function bounceText({ replies, left }: Bounce, width: number, tones: Tones): string[] {
  const parts = replies.map((reply, index) => [...(index === 0 ? [] : ['']), ...replyText(reply, width, tones)]);
  const more = left === 0 ? [] : ['', `The text has ${count(left, 'more reply', 'more replies')}. Paste them alone.`];
  if (replies.every(({ isAboutRecipient }) => isAboutRecipient) && replies.length > 0)
    return [...parts.flat(), ...more];
  return [
    ...parts.flat(),
    ...more,
    '',
    tones.bold('Check it'),
    `  ${tones.typed('mailcheck example.com 203.0.113.5')}`,
    ...wrap('Put your own domain and the address of your mail server in place of the examples.', width, '  '),
  ];
}

function replyText(reply: ExplainedReply, width: number, tones: Tones): string[] {
  const { basic, enhanced, words, failure, receivers, list } = reply;
  const code = [basic, enhanced].filter((part) => part !== null).join(' ');
  const shown = words.length > MAX_WORDS ? `${words.slice(0, MAX_WORDS)}…` : words;
  const from = receivers.map(({ name, host }) => `${name} (named in the text: ${printable(host)})`);
  return [
    `${tones.bold(code)} (${failure})`,
    ...(shown === '' ? [] : wrap(`"${printable(shown)}"`, width)),
    ...wrap(meaningOf(reply), width),
    ...(from.length === 0 ? [] : ['', tones.bold('Receiver'), ...from.flatMap((line) => wrap(line, width, '  '))]),
    ...statementsText(reply, width, tones),
    ...findingsText(reply, width, tones),
    ...(list === null
      ? []
      : [
          '',
          tones.bold('Removal from the list'),
          ...wrap(`${list.name}: ${list.removal.how}.`.replace(/\.\.$/, '.'), width, '  '),
          ...(list.removal.url === null ? [] : [`  ${tones.typed(copyable(list.removal.url))}`]),
        ]),
  ];
}

const MEANING: Readonly<Record<ExplainedReply['failure'], string>> = {
  permanent: 'The receiver rejects this mail. It will reject the same mail again until the cause is fixed.',
  temporary: 'The receiver defers this mail. The sending server tries again, and gives up after some days.',
};

const RECIPIENT: Readonly<Record<ExplainedReply['failure'], string>> = {
  permanent: 'The receiver rejects this mail because of the recipient. Your mail server is not the cause.',
  temporary:
    'The receiver defers this mail because of the recipient. Your mail server is not the cause. It tries again, and gives up after some days.',
};

/** What the sending server says itself, in a code about the network without a reply. */
const UNDELIVERED: Readonly<Record<ExplainedReply['failure'], string>> = {
  permanent: 'The sending server could not deliver this mail, and gave up.',
  temporary: 'The sending server could not deliver this mail yet. It tries again, and gives up after some days.',
};

function meaningOf({ basic, enhanced, failure, isAboutRecipient }: ExplainedReply): string {
  if (isAboutRecipient) return RECIPIENT[failure];
  return basic === null && /^[45]\.4\./.test(enhanced ?? '') ? UNDELIVERED[failure] : MEANING[failure];
}

function statementsText({ statements }: ExplainedReply, width: number, tones: Tones): string[] {
  if (statements.length === 0) {
    const nothing =
      'mailcheck knows neither this reply nor its code. The class of the code is all that is certain. Run the check below: it may find the cause.';
    return ['', ...wrap(nothing, width)];
  }
  return (['certain', 'likely', 'general'] as const).flatMap((certainty) => {
    const own = statements.filter((statement) => statement.certainty === certainty);
    if (own.length === 0) return [];
    return [
      '',
      tones.bold(CERTAINTY[certainty]),
      ...own.flatMap(({ says, source }) => [
        ...wrap(says, width, '    ', '  - '),
        ...(source === null ? [] : [`    ${tones.dim(source)}`]),
      ]),
    ];
  });
}

/** Returns the findings of the surest statements, which are those that a check would report for such a reply. */
function findingsText({ statements }: ExplainedReply, width: number, tones: Tones): string[] {
  const withCodes = statements.filter(({ codes }) => codes.length > 0);
  const surest = withCodes.filter(({ certainty }) => certainty === withCodes[0]?.certainty);
  const explained = [...new Set(surest.flatMap(({ codes }) => codes))].flatMap((code) => explanationOf(code) ?? []);
  if (explained.length === 0) return [];
  const indent = Math.max(...explained.slice(0, MAX_FIXES).map(({ code }) => code.length)) + 4;
  const rest = explained.slice(MAX_FIXES).map(({ code }) => code);
  return [
    '',
    tones.bold('Findings that can be the cause'),
    ...explained
      .slice(0, MAX_FIXES)
      .flatMap(({ code, title, fix }) => [
        ...wrap(title, width, ' '.repeat(indent), `  ${code.padEnd(indent - 2)}`),
        ...wrap(`Fix: ${fix}`, width, ' '.repeat(indent)),
      ]),
    ...(rest.length === 0 ? [] : wrap(`Others: ${rest.join(', ')}`, width, '  ')),
    ...wrap('mailcheck explain <code> says more about each.', width, '  '),
  ];
}
