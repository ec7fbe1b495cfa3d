import { DEFAULT_DNS_SETTINGS, type DnsSettings } from '../../settings/dns-settings.ts';
import type { DnsSdValues } from '../schema/dns-sd-configs.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/** One entry of `dns_sd_configs`. */
export function resolveDnsSource(context: ResolveContext, path: Path, values: Partially<DnsSdValues>): DnsSettings {
  const names = (values.names ?? []).filter((name) => name !== undefined);
  const { type = DEFAULT_DNS_SETTINGS.type, port = null } = values;
  const [namesPath, typePath, portPath] = [
    [...path, 'names'],
    [...path, 'type'],
    [...path, 'port'],
  ];
  if (values.names?.length === 0) addProblem(context, namesPath, 'is empty; expected at least one name');
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) addProblem(context, namesPath, `has "${name}" twice`);
  }
  if (isValid(context, typePath, portPath)) {
    if (type === 'SRV' && port !== null)
      addProblem(context, portPath, 'is not used with SRV: the records carry the port; remove it');
    if (type !== 'SRV' && port === null) addProblem(context, path, `needs port: records of type ${type} have none`);
  }
  return {
    names,
    type,
    port,
    refreshIntervalMs: values.refresh_interval ?? DEFAULT_DNS_SETTINGS.refreshIntervalMs,
    lingerMs: values.linger ?? DEFAULT_DNS_SETTINGS.lingerMs,
  };
}
