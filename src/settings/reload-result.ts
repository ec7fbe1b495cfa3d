/** What a reload of the configuration came to. `invalid`: nothing was changed; one line per problem, with its place. */
export type ReloadResult =
  | { readonly kind: 'reloaded' }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };
