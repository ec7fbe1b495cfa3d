import type { SourceContext } from '../../src/discovery/peer-source.ts';
import { FolderReader } from '../../src/files/folder-reader.ts';
import { readJson } from '../../src/target-lists/json-reader.ts';
import { readTargetList } from '../../src/target-lists/read-target-list.ts';
import { readYaml } from '../../src/yaml/yaml-source.ts';
import { createFakeClock } from './fake-clock.ts';
import { readFile } from './read-file.ts';

/** What a source gets, with a clock that only the test moves, and target lists read at once. */
export function sourceContext(overrides: Partial<SourceContext> = {}): SourceContext {
  const clock = createFakeClock();
  return {
    clock,
    random: () => 0.5,
    readFile,
    folders: new FolderReader(clock),
    readTargetList: async (text) =>
      readTargetList(
        text,
        text.syntax === 'json' ? readJson : (yaml, file) => readYaml(yaml, file, { scalars: 'written' }),
      ),
    version: '1.2.3',
    ...overrides,
  };
}
