import { describe, expect, test } from 'vitest';
import { HELM_NEEDS, lackOf } from './lack-of.ts';
import { type KubernetesObject, type Loose, renderObjects, the } from './rendered-chart.ts';

const lack = lackOf(HELM_NEEDS);
const argsOf = (objects: readonly KubernetesObject[]): readonly string[] =>
  the('StatefulSet', objects)['spec'].template.spec.containers[0].args;

describe.skipIf(lack.skip)(`the observer${lack.note}`, () => {
  const observed = (observer: object = {}) => renderObjects({ set: { observer: { enabled: true, ...observer } } });
  const podOf = (objects: readonly KubernetesObject[]): Loose => the('DaemonSet', objects)['spec'].template.spec;

  test('only observes, and the StatefulSet only holds', () => {
    expect(podOf(observed()).containers[0].args).toContain('--observe=only');
    expect(argsOf(observed())).toContain('--observe=off');
    expect(argsOf(renderObjects())).toContain('--observe=off');
  });

  test('has user 0, all process ids and tracefs outside /sys, and no capability', () => {
    const { hostPID, securityContext, containers, volumes } = podOf(observed());
    expect({ hostPID, securityContext }).toMatchObject({ hostPID: true, securityContext: { runAsUser: 0 } });
    const [container] = containers;
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      privileged: false,
      capabilities: { drop: ['ALL'] },
    });
    const hostPaths = volumes.filter((volume: Loose) => volume.hostPath);
    expect(hostPaths.map(({ hostPath }: Loose) => hostPath.path)).toEqual(['/sys/kernel/tracing']);
    expect(container.volumeMounts.map(({ mountPath }: Loose) => mountPath)).toEqual(['/etc/finrst', '/host/tracing']);
  });

  test('gets two capabilities for owners, and the folder of pod logs, read-only, for names', () => {
    const { containers, volumes } = podOf(observed({ owners: true, podNames: true }));
    expect(containers[0].securityContext.capabilities.add).toEqual(['SYS_PTRACE', 'DAC_READ_SEARCH']);
    expect(containers[0].volumeMounts).toContainEqual({ name: 'pod-logs', mountPath: '/host/pods', readOnly: true });
    expect(volumes).toContainEqual({ name: 'pod-logs', hostPath: { path: '/var/log/pods', type: 'Directory' } });
  });

  test('gets no secret of held connections', () => {
    const extraVolumes = [{ name: 'redis', secret: { secretName: 'redis' } }];
    const extraVolumeMounts = [{ name: 'redis', mountPath: '/etc/redis' }];
    const objects = renderObjects({ set: { observer: { enabled: true }, extraVolumes, extraVolumeMounts } });
    expect(JSON.stringify(podOf(objects))).not.toContain('redis');
  });

  test('is not there unless it is wanted, and then changes nothing of the StatefulSet', () => {
    expect(renderObjects().filter(({ kind }) => kind === 'DaemonSet')).toEqual([]);
    expect(the('StatefulSet', observed())).toEqual(the('StatefulSet', renderObjects()));
  });
});
