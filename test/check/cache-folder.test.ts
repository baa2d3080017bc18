/** Tests where the cache of the user is on each system. */
import { expect, test } from 'vitest';
import { ownCacheFolder } from '../../src/check/cache-folder.ts';

const noHome = (): string => {
  throw new Error('ENOENT');
};

test.each<[platform: NodeJS.Platform, env: Record<string, string>, home: () => string, folder: string | null]>([
  ['linux', {}, () => '/home/ada', '/home/ada/.cache/mailcheck'],
  ['linux', { XDG_CACHE_HOME: '/var/cache/ada' }, () => '/home/ada', '/var/cache/ada/mailcheck'],
  ['linux', { XDG_CACHE_HOME: 'cache' }, () => '/home/ada', '/home/ada/.cache/mailcheck'],
  ['linux', { LOCALAPPDATA: '/mnt/c/Users/ada' }, () => '/home/ada', '/home/ada/.cache/mailcheck'],
  ['linux', {}, noHome, null],
  ['linux', {}, () => '', null],
  ['darwin', {}, () => '/Users/ada', '/Users/ada/Library/Caches/mailcheck'],
  ['darwin', { XDG_CACHE_HOME: '/Users/ada/.cache' }, () => '/Users/ada', '/Users/ada/.cache/mailcheck'],
  [
    'win32',
    { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
    () => 'C:\\Users\\ada',
    'C:\\Users\\ada\\AppData\\Local\\mailcheck\\Cache',
  ],
  ['win32', { XDG_CACHE_HOME: 'D:\\cache' }, () => 'C:\\Users\\ada', 'D:\\cache\\mailcheck'],
  ['win32', {}, () => 'C:\\Users\\ada', null],
])('on %s with %j', (platform, env, home, folder) => {
  expect(ownCacheFolder({ platform, env, home })).toBe(folder);
});
