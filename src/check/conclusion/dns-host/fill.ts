/**
 * Fills the commands of a DNS host with a change of records. A value from the network is one quoted word of the shell, a
 * string in JSON, or a part of a line that is one word. What cannot be written so gives no command.
 */
import {
  filled,
  isNumberName,
  isValueName,
  type PlaceholderValues,
} from '../../../knowledge/dns-hosts/placeholders.ts';
import type { BodyTemplate, DnsHost, DnsHostCommand } from '../../../knowledge/dns-hosts/schema.ts';
import type { SetChange } from '../../../standards/dns-plan/codec.ts';
import type { RecordValue } from '../../../standards/zone-file/line.ts';
import { type Command, shellWord } from '../../rules/pasted.ts';
import { OpenNames } from './open-values.ts';
import { areWritable, dataValues, nameIn } from './values.ts';

/** A value that the user has to put into a command. */
export interface OpenValue {
  /** The name that stands for it in the command: `ZONE_ID`. */
  readonly name: string;
  /** Where the user finds it, as a clause or a command and what it does. */
  readonly where: string;
}

/** The commands for one change of a record set. */
export interface HostCommands {
  /** One after the other. */
  readonly commands: readonly Command[];
  readonly open: readonly OpenValue[];
  /** Whether the commands open an editor, in which the user makes the change. */
  readonly isByHand: boolean;
}

/** A change and where it is made. */
export interface HostedChange {
  readonly host: DnsHost;
  readonly change: SetChange;
  /** The apex of the zone in canonical form. */
  readonly zone: string;
}

/**
 * Fills the commands that make changes at DNS hosts: one that makes or sets the whole record set where the host has it,
 * otherwise one for each value. All changes of a report or a script are filled together, so that no name stands for two
 * values that the user has to put in.
 *
 * @returns for each change the commands, or `undefined` when the host has none for the change, or a value cannot be written
 *   there.
 */
export function fill(changes: readonly HostedChange[]): (HostCommands | undefined)[] {
  const possible = changes.filter((change) => fillOne(change, new OpenNames()) !== undefined);
  const names = new OpenNames();
  // How many values the commands need is known only after all of them are filled once. Names get their numbers then.
  for (const change of possible) fillOne(change, names);
  return changes.map((change) => (possible.includes(change) ? fillOne(change, names) : undefined));
}

function fillOne({ host, change, zone }: HostedChange, names: OpenNames): HostCommands | undefined {
  if (!areWritable(change.name, zone)) return undefined;
  const tasks = tasksOf(host, change);
  const commands: Command[] = [];
  const open = new Map<string, string>();
  for (const task of tasks) {
    if (task === undefined) return undefined;
    const text = textOf(task, { host, change, zone, open, names });
    if (text === undefined) return undefined;
    commands.push(text);
  }
  if (commands.length === 0) return undefined;
  return {
    commands: isReplacement(tasks) ? [commands.join(' && ') as Command] : commands,
    open: [...open].map(([name, where]) => ({ name, where })),
    isByHand: tasks.some((task) => task?.command.text.includes('$EDITOR')),
  };
}

/** @returns whether values come and others go. Nothing may go after a command that failed, so they are one line then. */
function isReplacement(tasks: readonly (Task | undefined)[]): boolean {
  const kinds = tasks.map((task) => task?.command.does);
  return kinds.includes('remove') && kinds.some((kind) => kind !== 'remove');
}

/** A command of the data and the values that it is filled with. */
interface Task {
  readonly command: DnsHostCommand;
  readonly values: readonly RecordValue[];
  /** The published value that a command changes into another. */
  readonly old?: RecordValue | undefined;
}

/** @returns what has to be run for the change, in order. `undefined` among them is something that the host has no command for. */
function tasksOf(host: DnsHost, { type, before, after }: SetChange): (Task | undefined)[] {
  const commandFor = (...kinds: readonly DnsHostCommand['does'][]): DnsHostCommand | undefined =>
    kinds
      .map((kind) => host.commands.find(({ does, types }) => does === kind && (types?.includes(type) ?? true)))
      .find((command) => command !== undefined);
  const taskFor = (
    kind: DnsHostCommand['does'],
    values: readonly RecordValue[],
    old?: RecordValue,
  ): Task | undefined => {
    const command = commandFor(kind);
    return command && { command, values, old };
  };
  const [whole, values] =
    after.length === 0
      ? [commandFor('delete'), before]
      : // A command that makes a record set fails where there is one by now, so it overwrites nothing.
        [commandFor(...(before.length === 0 ? (['create', 'set'] as const) : (['set', 'update'] as const))), after];
  if (whole !== undefined) return [{ command: whole, values }];
  const gone = before.filter((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value));
  const edits = commandFor('edit') === undefined ? 0 : Math.min(gone.length, come.length);
  const removed = gone.slice(edits).map((value) => taskFor('remove', [value]));
  return [
    ...come.slice(0, edits).map((value, index) => taskFor('edit', [value], gone[index])),
    // Nothing stands beside a CNAME, so the old one goes first. Of any other record there is never none.
    ...(type === 'CNAME' ? removed : []),
    ...come.slice(edits).map((value) => taskFor('add', [value])),
    ...(type === 'CNAME' ? [] : removed),
  ];
}

interface Scene {
  readonly host: DnsHost;
  readonly change: SetChange;
  readonly zone: string;
  /** The values that the user has to put in so far: name → where it is found. */
  readonly open: Map<string, string>;
  readonly names: OpenNames;
}

function textOf(task: Task, scene: Scene): Command | undefined {
  const { command, values, old } = task;
  const { form } = command;
  const { host, change, zone } = scene;
  const name = nameIn(form, change.name, zone);
  const common = { zone, name, type: change.type, ttl: String(change.ttl) };
  const oldValue = old && dataValues(form, change.type, old, host.kind).value;
  const all: PlaceholderValues[] = values.map((value) => ({
    ...common,
    ...dataValues(form, change.type, value, host.kind),
    oldValue,
  }));
  const [first = common] = all;
  const wordsOf = (given: PlaceholderValues) => (own: string, before: string) => {
    const text = isValueName(own) ? given[own] : opened(own, task, first, scene);
    return text === undefined ? undefined : wordAt(text, before);
  };
  const parts: Readonly<Record<string, () => string | undefined>> = {
    each: () => joined(all.map((given) => filled(command.each ?? '', wordsOf(given)))),
    body: () => {
      const body = bodyOf(command.body, { all, given: first, open: (own) => opened(own, task, first, scene) });
      return body && shellWord(body);
    },
    lines: () => joined(linesOf(command, all, (own) => opened(own, task, first, scene)).map(asWord)),
  };
  const text = filled(
    command.text,
    (own, before) => parts[own]?.() ?? (own in parts ? undefined : wordsOf(first)(own, before)),
  );
  return text === undefined ? undefined : (text as Command);
}

const asWord = (text: string | undefined): string | undefined => (text === undefined ? undefined : shellWord(text));

/** @returns the words in one line, or `undefined` if one of them is missing. */
function joined(words: readonly (string | undefined)[]): string | undefined {
  return words.includes(undefined) ? undefined : words.join(' ');
}

/**
 * @returns the text as one word of the shell. A program would read a word of its own that begins with a hyphen as an option,
 *   and some programs read one that begins with an at sign as the name of a file, so there is none for them.
 */
function wordAt(text: string, before: string): string | undefined {
  const isOwnWord = before === '' || /\s$/.test(before);
  if (isOwnWord && /^(?:-|@.)/.test(text)) return undefined;
  // Beside other text, nothing is an empty word.
  return text === '' && !isOwnWord ? '' : shellWord(text);
}

/** Notes a value that the user has to put in, and returns the name that stands for it. */
function opened(
  own: string,
  { command, values, old }: Task,
  given: PlaceholderValues,
  { host, change, zone, open, names }: Scene,
): string | undefined {
  const [first] = values;
  const place = { hostId: host.id, zone, change, old: command.does === 'remove' ? first : old };
  const nameFor = (placeholder: string): string => {
    names.note(placeholder, place);
    return names.nameOf(placeholder, place);
  };
  const stand = nameFor(own);
  const where = filled(command.values[own] ?? '', (name) => {
    if (!isValueName(name)) return nameFor(name);
    const text = given[name];
    return text === undefined ? undefined : asWord(text);
  });
  if (where === undefined) return undefined;
  const owner = names.ownerText(own, place);
  open.set(stand, owner === '' ? where : `for ${owner}: ${where}`);
  return stand;
}

/** What the strings of a body are filled with. */
interface BodyValues {
  readonly all: readonly PlaceholderValues[];
  readonly given: PlaceholderValues;
  open(own: string): string | undefined;
}

/** A name in a body that stands for a number. No other string of a body begins so, because it is no text of a record. */
const NUMBER_MARK = '\u0000';

/** @returns the body as JSON text, or `undefined` when a value is missing. */
function bodyOf(template: BodyTemplate, values: BodyValues): string | undefined {
  let isWhole = true;
  const fillText = (text: string, given: PlaceholderValues): string => {
    const done = filled(text, (own) => (isValueName(own) ? given[own] : values.open(own)));
    if (done === undefined) isWhole = false;
    return done ?? '';
  };
  const fillPart = (part: BodyTemplate, given: PlaceholderValues): BodyTemplate => {
    if (typeof part === 'string') {
      const own = /^\{(\w+)\}$/.exec(part)?.[1] ?? '';
      const text = fillText(part, given);
      if (isNumberName(own)) return Number(text);
      return own.endsWith('Ttl') ? `${NUMBER_MARK}${text}` : text;
    }
    if (Array.isArray(part)) {
      const [only] = part;
      if (typeof only === 'object' && only !== null && !Array.isArray(only) && '$each' in only) {
        const each = only.$each ?? null;
        return values.all.map((one) => fillPart(each, one));
      }
      return part.map((one) => fillPart(one, given));
    }
    if (typeof part !== 'object' || part === null) return part;
    const { $text: text } = part;
    if (typeof text === 'string') return fillText(text, given);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, fillPart(value, given)]));
  };
  const body = fillPart(template, values.given);
  if (!isWhole) return undefined;
  return JSON.stringify(body).replaceAll(/"\\u0000([A-Z0-9_]+)"/g, '$1');
}

/** @returns the lines for a tool that reads lines. */
function linesOf(
  { lines }: DnsHostCommand,
  all: readonly PlaceholderValues[],
  open: (own: string) => string | undefined,
): (string | undefined)[] {
  const lineOf = (text: string, given: PlaceholderValues): string | undefined =>
    filled(text, (own) => (isValueName(own) ? given[own] : open(own)));
  return (lines ?? []).flatMap(({ text, each }) =>
    each ? all.map((given) => lineOf(text, given)) : [lineOf(text, all[0] ?? {})],
  );
}
