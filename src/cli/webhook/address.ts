/** Reads the address that `--webhook` names. It may hold secrets, so that no message repeats more than its host. */
import { parseIp } from '../../network/ip.ts';
import { quoteInput } from '../../usage-error.ts';
import { ValueError } from '../options/value-error.ts';

/** The longest address, in characters. */
const MAX_ADDRESS = 2000;

/**
 * @returns the URL of the webhook: HTTPS, or HTTP to an address of this machine itself (127.0.0.0/8 or ::1).
 * @throws ValueError for any other text. It does not repeat the text, which may hold a password.
 */
export function parseWebhook(text: string): URL {
  const url = text.length <= MAX_ADDRESS ? URL.parse(text.trim()) : null;
  if (url === null || url.hostname === '' || !isDecodable(url.username + url.password)) {
    throw new ValueError('the value is not an address such as https://hooks.example.com/mailcheck');
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url.hostname))) return url;
  throw new ValueError(
    `a webhook at ${quoteInput(url.hostname).slice(1, -1)} needs https://. Only http://127.0.0.1 and http://[::1], for a program on this machine, go without`,
  );
}

/** Node.js decodes the name and the password of an address, and throws for a wrong escape. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function isThisMachine(host: string): boolean {
  return host === '[::1]' || (parseIp(host) !== undefined && host.startsWith('127.'));
}

/** @returns what messages may say of the address: its scheme, host and port. */
export function shownAddress({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}
