/** How a start ended. `failed`: a port, the journal or the web configuration cannot be used; `problem` says which and why. */
export type StartResult =
  | {
      readonly kind: 'started';
      /** The addresses that are listened on, as `host:port`. */
      readonly listening: readonly string[];
    }
  | { readonly kind: 'failed'; readonly problem: string };
