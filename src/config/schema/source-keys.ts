import { staticConfigsSchema } from './static-configs.ts';

/** The keys of a group that name sources of targets, one for each discovery kind. */
export const sourceFields = {
  static_configs: staticConfigsSchema,
} as const;
