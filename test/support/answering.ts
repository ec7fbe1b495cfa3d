import type { NameLookup } from '../../src/connections/dial/name-lookup.ts';

/** A resolver that answers every name with these addresses, a turn of the event loop later. */
export const answering =
  (...addresses: readonly string[]): NameLookup =>
  (_host, _family, callback) => {
    setImmediate(callback, { kind: 'found', addresses });
    return undefined;
  };
