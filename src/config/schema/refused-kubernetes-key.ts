import { pathText, type Path } from '../../yaml/path.ts';

/** Keys of Prometheus' `kubernetes_sd_configs` that Finrst does not have, and what to do instead: the end of a sentence. */
const REFUSED: Readonly<Record<string, string>> = {
  attach_metadata: 'is not built; rules see the labels of the object itself, of its Service and of its pod',
  follow_redirects: 'is not built: an API server does not redirect; remove it',
  enable_http2: 'is not built: a watch has a connection of its own; remove it',
  http_headers: 'is not built; remove it',
};

/** What to say about a key of an entry of `kubernetes_sd_configs`, `path` from the root; undefined for any other. */
export function refusedKubernetesKey(path: Path): string | undefined {
  if (path[2] !== 'kubernetes_sd_configs' || path.length !== 5) return undefined;
  const key = String(path[4]);
  return Object.hasOwn(REFUSED, key) ? `${pathText(path)} ${REFUSED[key]}` : undefined;
}
