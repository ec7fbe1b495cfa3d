/** The name of an observed connection: unique within a run, and never that of a held one. */
export function observedConnectionId({ id }: { readonly id: number }): string {
  return `observed-${id}`;
}
