import { html, type Html, type HtmlValue } from './html.ts';
import { type PageFrame, pageLayout } from './page-layout.ts';

export type MissingPageOptions = PageFrame & {
  readonly isIncidents: boolean;
  readonly title: string;
  /** Why there is nothing, and what to do about it. */
  readonly sentences: readonly HtmlValue[];
};

/** What is asked for is not here. Says so in plain words. */
export function missingPage(options: MissingPageOptions): Html {
  const { title, sentences } = options;
  return pageLayout({
    ...options,
    kind: 'onepeer',
    main: html`<header class="who">
        <h1><bdi>${title}</bdi></h1>
      </header>
      <section class="panel runbook">${sentences.map((sentence) => html`<p>${sentence}</p>`)}</section>`,
  });
}
