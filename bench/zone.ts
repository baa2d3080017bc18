/** Writes the records of a scene of the test world as a zone file, for a real name server. */
import type { Data, NameScript } from '../test/world/dns.ts';

/** @returns a root zone that contains every record of the scene. No other name exists in it. */
export function rootZone(zone: Readonly<Record<string, NameScript>>): string {
  const lines = Object.entries(zone).flatMap(([name, script]) =>
    typeof script === 'string'
      ? []
      : Object.entries(script).flatMap(([type, values]) =>
          Array.isArray(values) ? values.flatMap((value: Data) => line(name, type, value)) : [],
        ),
  );
  return `${['$TTL 300', '. SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60', '. NS ns.lab.example.', 'ns.lab.example. A 192.0.2.53', ...lines].join('\n')}\n`;
}

function line(name: string, type: string, value: Data): string[] {
  switch (type) {
    case 'SOA':
    case 'NS':
      return [];
    case 'TXT': {
      const strings = typeof value === 'string' ? [value] : value;
      return [`${name}. TXT ${strings.map((text) => JSON.stringify(text)).join(' ')}`];
    }
    case 'MX':
    case 'PTR':
    case 'CNAME':
      return [`${name}. ${type} ${String(value)}.`];
    default:
      return [`${name}. ${type} ${String(value)}`];
  }
}
