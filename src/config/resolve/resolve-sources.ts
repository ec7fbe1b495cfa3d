import type { SourceSettings } from '../../settings/source-settings.ts';
import type { GroupValues } from '../schema/config-schema.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { Path } from '../../yaml/path.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveDnsSource } from './resolve-dns-source.ts';
import { resolveFileSource } from './resolve-file-source.ts';
import { resolveHttpSource } from './resolve-http-source.ts';
import { type KubernetesGroup, resolveKubernetesSources } from './resolve-kubernetes.ts';

/** A group as far as it says where targets come from. */
export type SourcesScope = KubernetesGroup & { readonly group: Partially<GroupValues> };

/** The sources of targets of a group but for its static targets, one for each entry, as they stand. */
export function resolveSources(context: ResolveContext, path: Path, scope: SourcesScope): readonly SourceSettings[] {
  const { group } = scope;
  return [
    ...each(group.file_sd_configs, (values, index): SourceSettings => {
      return { kind: 'file', settings: resolveFileSource(context, [...path, 'file_sd_configs', index], values) };
    }),
    ...each(group.dns_sd_configs, (values, index): SourceSettings => {
      return { kind: 'dns', settings: resolveDnsSource(context, [...path, 'dns_sd_configs', index], values) };
    }),
    ...each(group.http_sd_configs, (values, index): SourceSettings => {
      return { kind: 'http', settings: resolveHttpSource(context, [...path, 'http_sd_configs', index], values) };
    }),
    ...resolveKubernetesSources(context, [...path, 'kubernetes_sd_configs'], {
      entries: group.kubernetes_sd_configs ?? [],
      group: scope,
    }),
  ];
}

/** What the schema refused is missing from the list. */
function each<Values>(
  written: readonly (Values | undefined)[] | undefined,
  resolve: (values: Values, index: number) => SourceSettings,
): readonly SourceSettings[] {
  return (written ?? []).flatMap((values, index) => (values === undefined ? [] : [resolve(values, index)]));
}
