import { globalSchema, groupSchema } from './config-schema.ts';
import { refusedKubernetesKey } from './refused-kubernetes-key.ts';
import { refusedClientKey } from './refused-client-keys.ts';
import { staticConfigSchema } from './static-configs.ts';
import { pathText, type Path } from '../../yaml/path.ts';

/** Keys of later versions: named in the documentation, so a user may try them. */
const LATER = new Set(['lease']);
/** Their entries name an HTTP server. */
const HAS_CLIENT = new Set(['http_sd_configs', 'kubernetes_sd_configs']);
const GLOBAL = new Set(Object.keys(globalSchema.shape));
const GROUP = new Set(Object.keys(groupSchema.shape));
const STATIC = new Set(Object.keys(staticConfigSchema.shape));

/** What to say about a key that is not known here, but elsewhere or later; undefined for any other. */
export function misplacedKey(path: Path): string | undefined {
  const key = String(path.at(-1));
  const where = pathText(path);
  const inGlobal = path.length === 2 && path[0] === 'global';
  if (path[0] === 'groups' && HAS_CLIENT.has(String(path[2])) && path.length > 4)
    return refusedKubernetesKey(path) ?? refusedClientKey(path);
  const inGroup = path.length === 3 && path[0] === 'groups';
  if (LATER.has(key) && (path.length === 1 || inGlobal || inGroup)) {
    return `${where} is not built yet; remove it`;
  }
  if (inGroup && GLOBAL.has(key)) return `${where} is process-wide; move it to global`;
  if (inGlobal && GROUP.has(key)) return `${where} is a key of a group; move it to the groups that need it`;
  if (inGroup && STATIC.has(key))
    return `${where} belongs in static_configs, like static_configs: [{targets: ["redis-0:6379"]}]`;
  return undefined;
}
