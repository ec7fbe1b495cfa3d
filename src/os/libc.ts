import koffi from 'koffi';

/** The C library of this machine. Throws where there is none under a name that is known here. */
export function loadLibc(): ReturnType<typeof koffi.load> {
  try {
    return koffi.load('libc.so.6'); // glibc
  } catch {
    // musl names its library by architecture; the loader's own search finds it.
    return koffi.load('libc.so');
  }
}
