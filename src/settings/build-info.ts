/** Which build of Finrst runs, and on which runtime. */
export type BuildInfo = { readonly version: string; readonly revision: string; readonly nodeVersion: string };
