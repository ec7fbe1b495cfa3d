/** The one node and the networks behind it. Nothing outside their network namespace can reach them. */
export const NODE = 'node-1';
export const NODE_IP = '10.77.0.2';
export const POD_NETWORK = '10.244.0.0/24';
export const SERVICE_NETWORK = '10.96.0.0/16';
/** The first address of the service network, which Kubernetes gives to its API. */
export const API_SERVICE = '10.96.0.1';
export const DNS_SERVICE = '10.96.0.10';
