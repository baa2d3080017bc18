/** Finds the provider that the user names. */
import { providerOf, providers } from '../../knowledge/providers/catalogue.ts';
import type { Provider } from '../../knowledge/providers/schema.ts';
import { quoteInput, UsageError } from '../../usage-error.ts';
import { nearest } from './nearest.ts';

/**
 * @returns the provider with this id.
 * @throws UsageError for an unknown id. It suggests ids of providers with a similar id or name.
 */
export function knownProvider(id: string): Provider {
  const part = id.trim().toLowerCase();
  const known = providerOf(part);
  if (known) return known;
  const ids = providers.map((provider) => provider.id);
  const alike = providers.filter((row) => part.length > 2 && `${row.id} ${row.name.toLowerCase()}`.includes(part));
  const suggestion =
    alike.length > 0 ? ` (did you mean ${alike.map((row) => row.id).join(' or ')}?)` : nearest(id, ids);
  throw new UsageError(`there is no provider ${quoteInput(id)}${suggestion}. Type: mailcheck providers`);
}
