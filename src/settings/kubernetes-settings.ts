import type { IpFamily } from './peer-settings.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What targets are made from. */
export type KubernetesRole = 'endpointslice' | 'pod' | 'service';

/** One entry of `kubernetes_sd_configs`. */
export type KubernetesSourceSettings = {
  readonly lingerMs: number;
  readonly role: KubernetesRole;
  readonly server: KubernetesServer;
  /** Empty, and not the own one: all. */
  readonly namespaces: readonly string[];
  /** The namespace that the process runs in is one of them. */
  readonly ownNamespace: boolean;
  readonly selectors: readonly KubernetesSelector[];
  /** Of the group: which slices of a dual-stack Service are taken. */
  readonly ipFamily: IpFamily;
  /** Role endpointslice: pods are watched beside, since a rule can see their labels. */
  readonly watchesPods: boolean;
  /** The annotation with the manifest that kubectl applied is kept, since a rule names it. */
  readonly keepsLastApplied: boolean;
};

/** Which objects of one kind the API server sends. Both empty: all. */
export type KubernetesSelector = {
  readonly role: KubernetesRole;
  readonly label: string;
  readonly field: string;
};

/** Where the API server is and how it is spoken to. */
export type KubernetesServer =
  /** As a pod finds it: address from the environment, token and certificate authority from its service account. */
  | { readonly kind: 'inCluster' }
  | {
      readonly kind: 'url';
      /** Without user, query and fragment. */
      readonly url: string;
      readonly tls: KubernetesTls;
      readonly login: KubernetesLogin;
    };

/** How an https:// server is spoken to. */
export type KubernetesTls = Pick<TlsSettings, 'serverName' | 'minVersion' | 'insecureSkipVerify'> & {
  /** Null: the bundled authorities. */
  readonly ca: KubernetesSecret | null;
  readonly cert: KubernetesSecret | null;
  readonly key: KubernetesSecret | null;
};

/** What identifies us to the API server, beside a certificate. */
export type KubernetesLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'token'; readonly scheme: string; readonly token: KubernetesSecret }
  | { readonly kind: 'basic'; readonly username: KubernetesSecret; readonly password: KubernetesSecret };

/** A file is read again at each request, so that what it holds may be replaced. */
export type KubernetesSecret =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'text'; readonly text: string };
