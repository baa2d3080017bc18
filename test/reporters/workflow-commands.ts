/** Reads a log as the runner of GitHub Actions does (actions/runner, ActionCommand): which lines are commands. */

/** Those the runner knows, also the ones that it has switched off. */
const NAMES =
  'add-mask add-matcher add-path debug echo endgroup error group internal-set-repo-path notice remove-matcher save-state set-env set-output stop-commands warning'.split(
    ' ',
  );

export interface WorkflowCommand {
  readonly name: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

export function workflowCommands(log: string): WorkflowCommand[] {
  return log.split(/\r\n|\r|\n/).flatMap((line) => {
    const found = current(line) ?? old(line);
    return found === undefined || !NAMES.includes(found.name.toLowerCase()) ? [] : [found];
  });
}

/** `::name key=value,key=value::data`, with white space before it or not. */
function current(line: string): WorkflowCommand | undefined {
  const [, head, data] = /^\s*::(.*?)::(.*)$/s.exec(line) ?? [];
  return head === undefined || data === undefined ? undefined : read(head, ',', data);
}

/** `##[name key=value;key=value]data`, anywhere in a line. */
function old(line: string): WorkflowCommand | undefined {
  const [, head, data] = /##\[([^\]]*)\](.*)$/s.exec(line) ?? [];
  return head === undefined || data === undefined ? undefined : read(head, ';', data);
}

function read(head: string, separator: string, data: string): WorkflowCommand {
  const [name = '', ...rest] = head.split(' ');
  const pairs = rest
    .join(' ')
    .split(separator)
    .map((pair) => pair.trim().split('='))
    .filter((pair) => pair.length > 1);
  return {
    name,
    properties: new Map(pairs.map(([key = '', ...value]) => [key, unescaped(value.join('='))])),
    data: unescaped(data),
  };
}

/** The runner puts the percent sign back last. */
function unescaped(text: string): string {
  return text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
}
