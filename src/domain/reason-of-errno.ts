import type { ErrorReason } from './disconnect.ts';

/** Errno names with a reason of their own. ETIMEDOUT and EPIPE need more than a table. */
const ERRNO_REASONS = new Map<string, ErrorReason>([
  ['ECONNRESET', 'reset'],
  ['EHOSTUNREACH', 'host_unreachable'],
  ['EHOSTDOWN', 'host_unreachable'],
  ['ENETUNREACH', 'network_unreachable'],
  ['ENETDOWN', 'network_unreachable'],
  ['ENONET', 'network_unreachable'],
  ['ECONNREFUSED', 'port_unreachable'],
  ['EACCES', 'prohibited'],
  ['EPERM', 'prohibited'],
  ['ENOPROTOOPT', 'prohibited'],
  ['EPROTO', 'prohibited'],
  ['ECONNABORTED', 'aborted'],
  ['ENOBUFS', 'local_resource'],
  ['ENOMEM', 'local_resource'],
]);

/** What an errno says about the end of a connection by itself; `other` where it is not in the table. */
export function reasonOfErrno(errno: string): ErrorReason {
  return ERRNO_REASONS.get(errno) ?? 'other';
}
