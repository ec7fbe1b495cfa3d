import type { Kernel } from './kernel.ts';
import { portableKernel } from './portable-kernel.ts';

/**
 * The kernel of this machine: Linux where it can be asked, else the portable one with the reason why, for the log.
 * The native part is loaded here and nowhere else, so a machine without it still starts.
 */
export async function openKernel(platform: string): Promise<{ readonly kernel: Kernel; readonly problem?: string }> {
  if (platform !== 'linux') {
    return {
      kernel: portableKernel,
      problem: `the kernel is asked for evidence on Linux only; this is ${platform}, untested`,
    };
  }
  try {
    const { createLinuxKernel } = await import('./linux-kernel.ts');
    return { kernel: createLinuxKernel() };
  } catch (error) {
    return { kernel: portableKernel, problem: `the kernel cannot be asked for evidence: ${String(error)}` };
  }
}
