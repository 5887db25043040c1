import { expect, test } from 'vitest';
import { docsPage } from './docs-page.ts';

test('routes are grouped and everything from the document is text, never markup', () => {
  const evil = '<script>alert("1")</script>';
  const page = docsPage({
    info: { title: evil, version: '1' },
    paths: {
      '/runs/{id}': {
        get: { summary: evil, tags: ['runs'], parameters: [{ name: 'id', in: 'path', required: true }], responses: { 200: { description: evil } } },
        summary: 'not a method',
      },
    },
    components: { schemas: { Run: { description: evil, $ref: '#/components/schemas/Other' } } },
  });
  expect(page).not.toContain('<script');
  expect(page).toContain('<section id="runs">');
  expect(page).toContain('/runs/{id}');
  expect(page).toContain('<a href="#schema-Other">');
});
