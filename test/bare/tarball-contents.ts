import { execFileSync } from 'node:child_process';

const MEMORY = 512 * 1024 * 1024;

/** One line of `tar -tv`: rights, owner, size, date and path below the tarball's own folder. */
export type Entry = { readonly rights: string; readonly owner: string; readonly date: string; readonly path: string };

/** Everything that a tarball holds, in its order. */
export function entriesOf(tarball: string): readonly Entry[] {
  const listed = execFileSync('tar', ['-tvzf', tarball, '--numeric-owner', '--full-time', '--utc'], {
    encoding: 'utf8',
    maxBuffer: MEMORY,
  });
  return listed
    .trim()
    .split('\n')
    .map((line) => {
      const [rights = '', owner = '', , day = '', time = '', ...path] = line.split(/ +/);
      return { rights, owner, date: `${day} ${time}`, path: path.join(' ').replace(/^[^/]+\//, '') };
    });
}

/** The bytes of one file in it. */
export function fileIn(tarball: string, path: string): Buffer {
  return execFileSync('tar', ['-xzOf', tarball, '--wildcards', `*/${path}`], { maxBuffer: MEMORY });
}

/** The machine that a program is compiled for, by e_machine of its ELF header (elf(5)); null where it is none of ours. */
export function machineOf(program: Buffer): 'x64' | 'arm64' | null {
  const known = new Map<number, 'x64' | 'arm64'>([
    [0x3e, 'x64'],
    [0xb7, 'arm64'],
  ]);
  return program.subarray(0, 4).toString('latin1') === '\x7fELF' ? (known.get(program.readUInt16LE(18)) ?? null) : null;
}
