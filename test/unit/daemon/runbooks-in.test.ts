import { expect, test } from 'vitest';
import { runbooksIn } from '../../../src/daemon/runbooks-in.ts';
import type { FileContent } from '../../../src/files/file-content.ts';

const read = (text: string): FileContent => ({ kind: 'read', bytes: new TextEncoder().encode(text) });

test('gives the section of an anchor, and reads the file once', async () => {
  const paths: string[] = [];
  const runbookOf = runbooksIn({
    docsFolder: '/docs',
    readFile: async (path) => {
      paths.push(path);
      return read('# Reasons\n\n### reset\n\nA RST arrived.\n\n### fin\n\nA FIN.\n');
    },
  });
  expect([await runbookOf('reset'), await runbookOf('fin'), await runbookOf('none')]).toEqual([
    { heading: 'reset', anchor: 'reset', body: 'A RST arrived.' },
    { heading: 'fin', anchor: 'fin', body: 'A FIN.' },
    null,
  ]);
  expect(paths).toEqual(['/docs/reasons.md']);
});

test('a file that cannot be read is asked for again', async () => {
  const contents: FileContent[] = [{ kind: 'unreadable', why: 'ENOENT' }, read('### fin\n\nA FIN.\n')];
  const readFile = async () => contents.shift() ?? read('');
  const runbookOf = runbooksIn({ docsFolder: '/docs', readFile });
  expect([await runbookOf('fin'), (await runbookOf('fin'))?.body]).toEqual([null, 'A FIN.']);
});
