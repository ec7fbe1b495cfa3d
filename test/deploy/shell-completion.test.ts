import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { lackOf } from './lack-of.ts';
import { ROOT } from './rendered-chart.ts';
import { startInTmux } from './tmux-terminal.ts';

/** A shell without the settings of whoever runs the test, and how it loads a script. */
const SHELLS: Readonly<Record<string, { readonly argv: readonly string[]; readonly load: (file: string) => string }>> =
  {
    bash: { argv: ['bash', '--norc', '--noprofile', '-i'], load: (file) => `source ${file}` },
    zsh: { argv: ['zsh', '-f', '-i'], load: (file) => `autoload -Uz compinit; compinit -u -D; source ${file}` },
    fish: { argv: ['fish', '--no-config', '-i'], load: (file) => `source ${file}` },
  };

describe.each(Object.entries(SHELLS))('%s', (shell, { argv, load }) => {
  const lack = lackOf(['tmux', shell]);

  test.skipIf(lack.skip)(`completes what is typed at its prompt${lack.note}`, async () => {
    const folder = temporaryFolder();
    const script = join(folder, 'completion');
    writeFileSync(script, execFileSync(process.execPath, [join(ROOT, 'src/main.ts'), 'completion', shell]));
    // Shells complete only what they find.
    writeFileSync(join(folder, 'finrst'), '#!/bin/sh\n');
    chmodSync(join(folder, 'finrst'), 0o755);
    const path = `${folder}:${process.env['PATH']}`;
    const terminal = startInTmux({ columns: 100, argv, env: { PATH: path, PS1: '> ', HOME: folder } });
    terminal.type(`${load(script)}; echo loa''ded`, 'Enter');
    await terminal.shows(/^loaded/m);
    // None of the answers is on the screen before.
    const cases = [
      { typed: 'finrst expl', becomes: /finrst explain/ },
      { typed: 'finrst watch a:1 --tls.c', becomes: /--tls\.ca-file[^]*--tls\.cert-file/ },
      { typed: 'finrst watch a:1 --fail-on=idl', becomes: /--fail-on=idle_timeout/ },
      { typed: 'finrst --log.level=war', becomes: /--log\.level=warn(?:$| )/m },
      { typed: 'finrst explain tcp/ref', becomes: /explain tcp\/refused/ },
      { typed: `finrst check ${folder}/comple`, becomes: /check \S*\/completion/ },
    ];
    for (const { typed, becomes } of cases) {
      terminal.type(typed, 'Tab');
      // bash lists several answers at the second one only.
      if (becomes.source.includes('[^]')) terminal.type('Tab');
      await terminal.shows(becomes);
      // The first one leaves the list where a shell has one.
      terminal.type('C-c', 'C-c');
    }
  });
});
