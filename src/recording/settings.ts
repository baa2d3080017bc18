/** The settings as a recording keeps them, without what is secret; and the settings that a replay makes of them. */

import { recordedSettings, type Settings } from '../check/settings.ts';
import type { ListKeys } from '../knowledge/lists/catalogue.ts';
import type { RecordedRun } from './schema.ts';

type Kept = Pick<RecordedRun, 'settings' | 'listKeys' | 'connectTo'>;

/** @returns what a recording keeps of the settings: those declared as recorded, and stand-ins for keys. */
export function keepSettings(settings: Settings): Kept {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const keys = Object.entries(settings.listKeys ?? {});
  const distinct = [...new Set(keys.map(([, key]) => key))];
  const { connectTo } = settings;
  return {
    // The schema leaves out whatever it does not name.
    settings: recordedSettings.parse(given),
    listKeys: keys.map(([variable, key]) => ({ variable, key: distinct.indexOf(key) })),
    connectTo: connectTo ? [...connectTo].map(([from, { host, port }]) => ({ from, host, port })) : null,
  };
}

/** @returns the settings to replay a run with: those of the recorded run, with stand-ins in the place of keys. */
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
