import type { FileProblem } from '../../text/file-problem.ts';
import type { NamedFiles } from '../snapshot/named-files.ts';
import { pathText, type Path } from '../../yaml/path.ts';
import type { YamlSource } from '../../yaml/yaml-source.ts';

/** One file on its way from text to settings: where things stand, what is wrong so far, and the files it names. */
export type ResolveContext = {
  readonly source: YamlSource;
  readonly problems: FileProblem[];
  /** Paths that the schema already refused. */
  readonly wrong: ReadonlySet<string>;
  readonly files: NamedFiles;
};

/** Adds a problem at the value of this path. The message goes on after the path. */
export function addProblem(context: ResolveContext, path: Path, message: string): void {
  context.problems.push(context.source.problemAt(path, `${pathText(path)} ${message}`));
}

/** Whether the schema took these values: a rule between keys is asked only about values that are right by themselves. */
export function isValid(context: ResolveContext, ...paths: readonly Path[]): boolean {
  return paths.every((path) => !context.wrong.has(pathText(path)));
}
