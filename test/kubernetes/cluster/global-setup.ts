import type { TestProject } from 'vitest/node';
import { startCluster } from './cluster.ts';
import type { Machine } from './machine.ts';
import { lackOfCluster } from './needs.ts';

declare module 'vitest' {
  interface ProvidedContext {
    machine: Machine | null;
  }
}

/** One cluster for all projects below test/kubernetes, made by the first of them: each file works in namespaces of its own. */
export async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const all = vitest.getRootProject();
  if ('machine' in all.getProvidedContext()) return undefined;
  if (lackOfCluster().skip) {
    all.provide('machine', null);
    return undefined;
  }
  let began = performance.now();
  const machine = await startCluster((step) => {
    process.stdout.write(`${step}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    began = performance.now();
  });
  all.provide('machine', { folder: machine.folder, firstProcess: machine.firstProcess });
  return () => machine.close();
}
