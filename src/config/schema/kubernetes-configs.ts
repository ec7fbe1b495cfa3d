import { z } from 'zod';
import type { KubernetesRole } from '../../settings/kubernetes-settings.ts';
import { duration, fieldNotes, filePath, text, yesOrNo } from './field-schemas.ts';
import { httpClientFields } from './http-client-schema.ts';

export const KUBERNETES_ROLES = ['endpointslice', 'pod', 'service'] as const satisfies readonly KubernetesRole[];

/** Roles of Prometheus that Finrst does not have, and what to do instead. */
const OTHER_ROLES: Readonly<Record<string, string>> = {
  endpoints: 'write endpointslice: Endpoints are deprecated since Kubernetes 1.33',
  node: 'it is not built; list node ports in static_configs',
  ingress: 'it is not built; a TCP peer is found by service',
};

const DAY_MS = 86_400_000;

const role = z
  .string()
  .meta({ enum: [...KUBERNETES_ROLES] })
  .transform((written, context): KubernetesRole => {
    const found = KUBERNETES_ROLES.find((each) => each === written);
    if (found !== undefined) return found;
    const instead = Object.hasOwn(OTHER_ROLES, written) ? OTHER_ROLES[written] : undefined;
    if (instead === undefined) context.addIssue({ code: 'invalid_value', values: [], input: written });
    else context.addIssue({ code: 'custom', message: `is "${written}"; ${instead}`, input: written });
    return z.NEVER;
  })
  .register(fieldNotes, { expected: `one of ${KUBERNETES_ROLES.join(', ')}` });

const namespacesSchema = z
  .strictObject({
    own_namespace: yesOrNo()
      .describe('Also the namespace that Finrst runs in. Only in a cluster, without api_server and kubeconfig_file.')
      .prefault(false),
    names: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
          .register(fieldNotes, { expected: 'the name of a namespace: a-z, 0-9 and -' }),
      )
      .register(fieldNotes, { expected: 'a list of names of namespaces' })
      .optional()
      .describe('Only these. Default: all namespaces, unless own_namespace is set.'),
  })
  .register(fieldNotes, { expected: 'a map with names or own_namespace' });

const selectorSchema = z
  .strictObject({
    role: role.describe('Which objects: those of the own role; beside role endpointslice also service and pod.'),
    label: text('a label selector, as a string').optional().describe('Label selector, as kubectl -l takes it.'),
    field: text('a field selector, as a string')
      .optional()
      .describe('Field selector, as kubectl --field-selector takes it.'),
  })
  .register(fieldNotes, { expected: 'a map with role, and label or field' });

const { basic_auth, authorization, tls_config } = httpClientFields;

const kubernetesConfigSchema = z
  .strictObject({
    role: role.describe('What targets are made from: endpointslice, pod or service.'),
    namespaces: namespacesSchema.optional().describe('Where objects are watched.'),
    selectors: z
      .array(selectorSchema)
      .register(fieldNotes, { expected: 'a list of maps with role, label and field' })
      .optional()
      .describe('Which objects the API server sends; at most one for each role.'),
    api_server: text('a URL, as a string')
      .optional()
      .describe('The API server as http(s)://HOST:PORT. Default: that of the cluster that Finrst runs in.'),
    kubeconfig_file: filePath()
      .optional()
      .describe('A kubeconfig, of which the current context is used. Instead of api_server.'),
    basic_auth: basic_auth.describe('User name and password; only with api_server.'),
    authorization: authorization.describe('An Authorization header; only with api_server.'),
    tls_config: tls_config.describe('TLS of an https:// api_server.'),
    linger: duration({ atMostMs: DAY_MS })
      .describe('How long a connection outlives its target when that is gone.')
      .prefault('30s'),
  })
  .register(fieldNotes, { expected: 'a map with role' });

/** The `kubernetes_sd_configs` of a group. */
export const kubernetesConfigsSchema = z
  .array(kubernetesConfigSchema)
  .register(fieldNotes, { expected: 'a list of maps with role' })
  .optional()
  .describe('Targets from a Kubernetes cluster: docs/discovery.md.');

export type KubernetesConfigValues = z.output<typeof kubernetesConfigSchema>;
