import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What the lab needs and this machine lacks, one line each, by name; empty: all is there. */
export function missingRequirements(): readonly string[] {
  const missing: string[] = [];
  if (process.platform !== 'linux') return ['Linux (network namespaces)'];
  if (process.getuid?.() !== 0) missing.push('root (namespaces, raw sockets, ss -K)');
  for (const [tool, from] of TOOLS) {
    if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) missing.push(`${tool} (package ${from})`);
  }
  if (!existsSync('/usr/bin/python3')) missing.push('/usr/bin/python3 (package python3)');
  if (!readFileSync('/proc/filesystems', 'utf8').includes('tracefs'))
    missing.push('tracefs in the kernel (when a socket died)');
  if (missing.length === 0 && spawnSync('nft', ['list', 'tables']).status !== 0)
    missing.push('nf_tables in the kernel');
  return missing;
}

const TOOLS = [
  ['ip', 'iproute2'],
  ['ss', 'iproute2'],
  ['nft', 'nftables'],
  ['conntrack', 'conntrack'],
  ['gcc', 'gcc and libc6-dev'],
  ['openssl', 'openssl'],
  ['sysctl', 'procps'],
] as const;
