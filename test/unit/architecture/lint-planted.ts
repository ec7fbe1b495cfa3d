import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LINT_FILE } from '../../../scripts/layers.ts';

/** The repository. */
export const ROOT = join(import.meta.dirname, '../../..');

/** One complaint of the linter. */
export type Complaint = { readonly file: string; readonly line: number; readonly rule: string };

/** What our lint rules say about these files, in one run of the linter over a copy that holds nothing else. */
export function lintPlanted(files: ReadonlyMap<string, string>): readonly Complaint[] {
  const copy = mkdtempSync(join(tmpdir(), 'finrst planted '));
  try {
    for (const file of ['.oxlintrc.json', LINT_FILE, 'tsconfig.json', 'package.json'])
      copyFileSync(join(ROOT, file), join(copy, file));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    for (const [file, text] of files) {
      mkdirSync(join(copy, dirname(file)), { recursive: true });
      writeFileSync(join(copy, file), text);
    }
    return lint(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

type Diagnostic = { readonly code: string; readonly filename: string; readonly labels: readonly Label[] };
type Label = { readonly span: { readonly line: number } };

function lint(folder: string): readonly Complaint[] {
  const run = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--type-aware', '--format=json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const { diagnostics } = JSON.parse(run.stdout) as { readonly diagnostics: readonly Diagnostic[] };
  return diagnostics.map(({ code, filename, labels }) => ({
    file: filename,
    line: labels[0]?.span.line ?? 0,
    rule: /\((.*)\)/.exec(code)?.[1] ?? code,
  }));
}
