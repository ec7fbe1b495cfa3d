/** The counted peers outside of the scope of an incident, and how many of them ended at its moment, too. */
export type Elsewhere = { readonly ended: number; readonly of: number };
