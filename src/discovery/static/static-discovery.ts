import type { StaticTargets } from '../../settings/source-settings.ts';
import type { DiscoveryKind, TargetGroup } from '../peer-source.ts';

/** Targets that stand in the configuration: published once, never changed. */
export const staticDiscovery: DiscoveryKind<'static'> = {
  name: 'static',
  create: (configs) => ({
    start(publish) {
      publish({ kind: 'groups', groups: configs.map(toTargetGroup) });
      publish({ kind: 'synced' });
    },
    stop() {},
  }),
};

function toTargetGroup({ targets, labels }: StaticTargets, index: number): TargetGroup {
  return {
    source: `static_configs[${index}]`,
    targets: targets.map((address) => ({ __address__: address })),
    labels,
  };
}
