/**
 * Ends the process with _exit(2), which waits for nothing. process.exit() joins libuv's thread pool (uv_library_shutdown),
 * and a look-up whose name server is silent keeps a thread there for 5 s times the tries times the servers.
 * Returns only where the C library cannot be asked. Nothing is flushed: the caller has.
 */
export async function exitNow(exitCode: number): Promise<void> {
  try {
    const { loadLibc } = await import('../libc.ts');
    loadLibc().func('void _exit(int status)')(exitCode);
  } catch {
    return; // no such library: the caller takes the slow way out
  }
}
