import type { DiscoveryKind } from '../peer-source.ts';
import { FileSource } from './file-source.ts';

/** Targets in files of JSON or YAML, in the grammar of Prometheus. */
export const fileDiscovery: DiscoveryKind<'file'> = {
  name: 'file',
  create: (settings, context) => new FileSource(settings, context),
};
