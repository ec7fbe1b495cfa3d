import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleet } from './fleet.ts';
import { overview } from './overview.ts';
import { peer } from './peer.ts';
import { self } from './self.ts';

/** Every dashboard under the name of its file. */
export const DASHBOARDS: Readonly<Record<'overview' | 'peer' | 'fleet' | 'self', () => Dashboard>> = {
  overview,
  peer,
  fleet,
  self,
};
