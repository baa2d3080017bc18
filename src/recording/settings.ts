/** The settings as a recording keeps them, without what is secret; and the settings that a replay makes of them. */

import type { Settings } from '../check/settings.ts';
import type { ListKeys } from '../knowledge/lists/catalogue.ts';
import type { PlainSettings, RecordedRun } from './schema.ts';

/**
 * Kept in another form, or not at all: keys and the private key are secret, a message is somebody's mail, and what the
 * certificates are trusted for is recorded with each handshake.
 */
type KeptElsewhere = 'listKeys' | 'connectTo' | 'probeName' | 'dkimKeyPem' | 'message' | 'extraRoots';

/** Kept as they are. A new setting does not compile until it stands here and in the schema, or above. */
const PLAIN: Readonly<Record<Exclude<keyof Settings, KeptElsewhere> & keyof PlainSettings, true>> &
  Readonly<Record<Exclude<keyof Settings, KeptElsewhere>, true>> = {
  smtpPort: true,
  allowPrivate: true,
  dnsblZones: true,
  dnsblExcept: true,
  neighbours: true,
  vantage: true,
  whoamiName: true,
  relayRecipient: true,
  activeData: true,
  activeRcpt: true,
  egressTargets: true,
  egressControls: true,
  sendOnly: true,
  submissionPorts: true,
  probePauseMs: true,
  greylistWait: true,
  volume: true,
  provider: true,
  asnLookup: true,
};

type Kept = Pick<RecordedRun, 'settings' | 'listKeys' | 'connectTo'>;

export function keepSettings(settings: Settings): Kept {
  const plain = Object.entries(settings).filter(([key, value]) => Object.hasOwn(PLAIN, key) && value !== undefined);
  const keys = Object.entries(settings.listKeys ?? {});
  const distinct = [...new Set(keys.map(([, key]) => key))];
  const { connectTo } = settings;
  return {
    // Only keys of the table are left.
    settings: Object.fromEntries(plain) as unknown as PlainSettings,
    listKeys: keys.map(([variable, key]) => ({ variable, key: distinct.indexOf(key) })),
    connectTo: connectTo ? [...connectTo].map(([from, { host, port }]) => ({ from, host, port })) : null,
  };
}

export function giveSettings({ settings, listKeys, connectTo }: Kept): Settings {
  return {
    ...settings,
    ...(listKeys.length > 0 ? { listKeys: standIns(listKeys) } : {}),
    ...(connectTo ? { connectTo: new Map(connectTo.map(({ from, host, port }) => [from, { host, port }])) } : {}),
  };
}

/** In the place of keys: the same lists are asked, and nobody sees them, since they are masked as the keys were. */
function standIns(listKeys: Kept['listKeys']): ListKeys {
  return Object.fromEntries(listKeys.map(({ variable, key }) => [variable, `stand-in-for-list-key-${key}`]));
}
