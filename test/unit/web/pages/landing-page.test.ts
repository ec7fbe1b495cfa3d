import { expect, test } from 'vitest';
import { landingPage } from '../../../../src/web/pages/landing-page.ts';

test('nothing that was handed in becomes markup', () => {
  const evil = `"><script>alert('1')</script>&`;
  const page = landingPage({ version: evil, revision: evil, links: [{ path: evil, text: evil }] });
  expect(page).not.toContain('<script');
  expect(page.split('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;')).toHaveLength(5);
});
