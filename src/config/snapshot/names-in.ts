import { readYaml } from '../../yaml/yaml-source.ts';
import type { NamesByKey } from './config-snapshot.ts';

/**
 * Keys that name a file, in a configuration and in a web configuration: a load reads it. `username_file` and `credentials_file`
 * are none of them: they are read at each request to a source, so no load needs them and no change of them needs a load.
 */
const FILE_KEYS = [
  'send_file',
  'headers_file',
  'ca_file',
  'cert_file',
  'key_file',
  'client_ca_file',
  'password_file',
  'token_file',
  'authorization_file',
  'server_public_key_file',
  'kubeconfig_file',
];

/** The files that a text names, by the key that names them, each once. Where it is no YAML: none. */
export function namesIn(text: string, file: string): NamesByKey {
  const source = readYaml(text, file);
  return FILE_KEYS.map((key) => {
    const names = source.scalarsOf(key).map(({ value }) => value);
    return [key, [...new Set(names)].filter((name) => name !== '')] as const;
  });
}
