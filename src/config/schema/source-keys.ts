import { dnsSdConfigsSchema } from './dns-sd-configs.ts';
import { fileSdConfigsSchema } from './file-sd-configs.ts';
import { httpSdConfigsSchema } from './http-sd-configs.ts';
import { kubernetesConfigsSchema } from './kubernetes-configs.ts';
import { staticConfigsSchema } from './static-configs.ts';

/** The keys of a group that name sources of targets, one for each discovery kind. */
export const sourceFields = {
  static_configs: staticConfigsSchema,
  file_sd_configs: fileSdConfigsSchema,
  dns_sd_configs: dnsSdConfigsSchema,
  http_sd_configs: httpSdConfigsSchema,
  kubernetes_sd_configs: kubernetesConfigsSchema,
} as const;
