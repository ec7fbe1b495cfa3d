import { expect, test } from 'vitest';
import { html } from '../../../../src/web/pages/html.ts';

test('every text is escaped, in elements and attributes', () => {
  const evil = `"><img src=x onerror='alert(1)'>&`;
  expect(html`<a title="${evil}">${evil}</a>`.pieces.join('')).toBe(
    `<a title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;">&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;</a>`,
  );
});

test('control characters and marks of direction become visible', () => {
  expect(html`${'a\u202eb\u0000c\u200bd\ne'}`.pieces.join('')).toBe('a\\u202eb\\u0000c\\u200bd\\u000ae');
});

test('markup of ours goes in as it is, in lists, too; nothing is nothing', () => {
  expect(html`${html`<b>${'<'}</b>`}${[html`<i></i>`, 'x&']}${null}${false}${undefined}${0}`.pieces.join('')).toBe(
    '<b>&lt;</b><i></i>x&amp;0',
  );
});
