/** Makes the MCP server: its tools, what each may be asked, and how its calls are run. */
import { type CallToolResult, McpServer } from '@modelcontextprotocol/server';
import { VERSION } from '../../version.ts';
import { answered, type Call, FOREIGN } from './answer.ts';
import { checkInput, checkTool } from './check.ts';
import { explainInput, explainTool } from './explain.ts';
import { limited } from './limit.ts';
import type { Place } from './place.ts';
import { planInput, planTool } from './plan.ts';
import { recordsInput, recordsTool } from './records.ts';

/** @returns a server for one connection. Its tools only read. */
export function serverAt(place: Place): McpServer {
  const server = new McpServer({ name: 'mailcheck', version: VERSION }, { instructions: FOREIGN });
  const annotations = { readOnlyHint: true, openWorldHint: true };
  /** Returns what runs a tool that asks the network. */
  const asking =
    <G>(tool: (given: G, place: Place, call: Call) => Promise<CallToolResult>) =>
    (given: G, call: Call): Promise<CallToolResult> =>
      answered(
        call,
        limited(() => tool(given, place, call)),
      );
  server.registerTool(
    'check',
    {
      title: 'Check a mail server',
      description: `Checks whether mail from these addresses for this domain will be accepted, and says what to change: DNS, PTR, HELO, SPF, DKIM, DMARC, block lists, TLS, relaying, port 25. With zone it judges proposed records before they are published. Takes up to a minute. A check that could not be made is unknown, never passed. ${FOREIGN}`,
      inputSchema: checkInput,
      annotations,
    },
    asking(checkTool),
  );
  server.registerTool(
    'plan',
    {
      title: 'Plan DNS changes',
      description: `Checks as the tool check does, and answers with the changes of DNS records alone: what goes and what comes in each record set, stages that come later, and what the owner has to decide. Changes nothing itself. ${FOREIGN}`,
      inputSchema: planInput,
      annotations,
    },
    asking(planTool),
  );
  server.registerTool(
    'records',
    {
      title: 'List needed DNS records',
      description: `Lists every DNS record that mail from these addresses for this domain needs, compared with the published ones. Asks only the DNS. ${FOREIGN}`,
      inputSchema: recordsInput,
      annotations,
    },
    asking(recordsTool),
  );
  server.registerTool(
    'explain',
    {
      title: 'Explain a finding or a bounce',
      description:
        'Explains a finding code (ptr/missing), lists the findings of a check (spf), or reads a pasted bounce or SMTP reply and says what can be behind it. Asks nobody.',
      inputSchema: explainInput,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (given, call) => answered(call, () => explainTool(given)),
  );
  return server;
}
