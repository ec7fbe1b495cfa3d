import { join } from 'node:path';
import { type PageSection, readReasonsPage, type ReasonsPage } from '../explanations/reasons-page.ts';
import type { ReadFile } from '../files/file-content.ts';

export type RunbooksOptions = { readonly docsFolder: string; readonly readFile: ReadFile };

/** The sections of docs/reasons.md by their anchor. The file is read at the first question, and again where it could not be. */
export function runbooksIn({ docsFolder, readFile }: RunbooksOptions): (anchor: string) => Promise<PageSection | null> {
  let page: ReasonsPage | null = null;
  return async (anchor) => {
    if (page === null) {
      const content = await readFile(join(docsFolder, 'reasons.md'));
      if (content.kind !== 'read') return null;
      page ??= readReasonsPage(new TextDecoder().decode(content.bytes));
    }
    return page.sections.find((section) => section.anchor === anchor) ?? null;
  };
}
