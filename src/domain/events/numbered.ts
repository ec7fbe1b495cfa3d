/**
 * The number of an event among those that people can list: it grows by one with each, and over restarts. Given before any
 * sink has the event; absent until then.
 */
export type Numbered = { readonly eventId?: number };
