import { age } from '../times.ts';
import { FOLLOW_SCRIPT } from './follow-script.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PATCH_SCRIPT } from './patch-script.ts';
import { ROWS_SCRIPT } from './rows-script.ts';

/**
 * The one script of the pages, for a tab and for the worker that its tabs share. A page is whole without it. An event is a
 * hint: the page asks for itself again and changes what has changed, so that the server alone makes markup.
 */
export const LIVE_SCRIPT = `'use strict';
${FOLLOW_SCRIPT}
const apiOf = (script) => new URL('../api/v1/events', script).href.split('?')[0];
if (typeof document === 'undefined') share(apiOf(location.href));
else {
const age = ${age.toString()};
${PATCH_SCRIPT}${ROWS_SCRIPT}${PAGE_SCRIPT}
live();
}
`;
