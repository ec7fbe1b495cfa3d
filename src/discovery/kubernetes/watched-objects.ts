/** Names and texts in the order of the names' bytes. */
export type Texts = readonly (readonly [name: string, text: string])[];

/** What is kept of the metadata of an object. */
export type ObjectMeta = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Texts;
  readonly annotations: Texts;
};

/** What is kept of an EndpointSlice: what labels and announcements are made from. */
export type EndpointSlice = {
  readonly meta: ObjectMeta;
  readonly addressType: string;
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports: readonly SlicePort[];
};

export type SliceEndpoint = {
  readonly addresses: readonly string[];
  /** Each null where the API server does not set it. */
  readonly ready: boolean | null;
  readonly serving: boolean | null;
  readonly terminating: boolean | null;
  readonly hostname: string | null;
  readonly nodeName: string | null;
  readonly zone: string | null;
  readonly topology: Texts;
  readonly target: { readonly kind: string; readonly namespace: string; readonly name: string } | null;
};

export type SlicePort = {
  readonly name: string | null;
  /** Null: all ports. */
  readonly port: number | null;
  readonly protocol: string | null;
  readonly appProtocol: string | null;
};

/** What is kept of a Service. */
export type Service = {
  readonly meta: ObjectMeta;
  readonly type: string;
  readonly clusterIp: string;
  readonly externalName: string;
  readonly loadBalancerIp: string;
  /** The first is the family of the Service, a second one makes it dual stack. */
  readonly ipFamilies: readonly string[];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
};

/** What is kept of a Pod. */
export type Pod = {
  readonly meta: ObjectMeta;
  readonly uid: string;
  readonly ip: string;
  readonly hostIp: string;
  readonly nodeName: string;
  readonly phase: string;
  /** The status of the condition Ready: True, False or Unknown. */
  readonly ready: string;
  /** It has a deletionTimestamp, or the condition DisruptionTarget is True. */
  readonly isTerminating: boolean;
  readonly controller: { readonly kind: string; readonly name: string } | null;
  /** Init containers come after the others. */
  readonly containers: readonly Container[];
};

export type Container = {
  readonly name: string;
  /** Empty while it was never started. */
  readonly id: string;
  readonly image: string;
  readonly isInit: boolean;
  readonly ports: readonly ContainerPort[];
};

export type ContainerPort = { readonly name: string; readonly port: number; readonly protocol: string };

/** What is kept of a StatefulSet. */
export type StatefulSet = {
  readonly meta: ObjectMeta;
  readonly replicas: number;
  /** The ordinal of its first pod. */
  readonly firstOrdinal: number;
  readonly readyReplicas: number;
};
