/** Writes the records of a scene of the test world as a zone file, for a real name server. */
import { type Data, stringsOf, type ZoneScript, zoneOf } from '../test/world/zone.ts';

/** @returns a root zone that contains every record of the scene. No other name exists in it. */
export function rootZone(zone: ZoneScript): string {
  const records = zoneOf({ zone });
  const lines = Object.entries(zone).flatMap(([name, script]) => {
    const types = typeof script === 'string' ? ['TXT'] : Object.keys(script);
    return types.flatMap((type) => (records.at(name, type).records ?? []).flatMap((value) => line(name, type, value)));
  });
  return `${['$TTL 300', '. SOA ns.lab.example. hostmaster.lab.example. 1 600 300 86400 60', '. NS ns.lab.example.', 'ns.lab.example. A 192.0.2.53', ...lines].join('\n')}\n`;
}

function line(name: string, type: string, value: Data): string[] {
  switch (type) {
    case 'SOA':
    case 'NS':
      return [];
    case 'TXT': {
      const strings = stringsOf(value).map((text) => JSON.stringify(text));
      return [`${name}. TXT ${strings.join(' ')}`];
    }
    case 'MX':
    case 'PTR':
    case 'CNAME':
      return [`${name}. ${type} ${String(value)}.`];
    default:
      return [`${name}. ${type} ${String(value)}`];
  }
}
