import { DEFAULT_FILE_SETTINGS, type FileSettings } from '../../settings/file-settings.ts';
import type { FileSdValues } from '../schema/file-sd-configs.ts';
import type { Partially } from '../schema/parse-partially.ts';
import type { Path } from '../../yaml/path.ts';
import { addProblem, isValid, type ResolveContext } from './resolve-context.ts';

/** One entry of `file_sd_configs`, with paths that can be opened. The files themselves are read by the source. */
export function resolveFileSource(context: ResolveContext, path: Path, values: Partially<FileSdValues>): FileSettings {
  const files = (values.files ?? []).filter((file) => file !== undefined);
  const filesPath = [...path, 'files'];
  if (values.files?.length === 0 && isValid(context, filesPath))
    addProblem(context, filesPath, 'is empty; expected at least one path');
  return {
    files: files.map((file) => context.files.locate(file)),
    refreshIntervalMs: values.refresh_interval ?? DEFAULT_FILE_SETTINGS.refreshIntervalMs,
    lingerMs: values.linger ?? DEFAULT_FILE_SETTINGS.lingerMs,
  };
}
