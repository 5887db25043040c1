import { gfm } from '@joplin/turndown-plugin-gfm';
import TurndownService from 'turndown';

/** The little of a document's tree that is used here; the compiler has no types of browsers. */
export interface TreeNode {
  innerHTML: string;
  readonly textContent: string | null;
  querySelector(selector: string): TreeNode | null;
  querySelectorAll(selector: string): Iterable<TreeNode>;
  closest(selector: string): TreeNode | null;
  remove(): void;
}

const UNREAD = 'script, style, noscript, template, iframe, object, embed, svg, img, picture, video, audio, canvas';
const CELL = /<td(?=[\s>])|<\/td>/g;

/**
 * The contents of an element as markdown, with tables. Not read: scripts, styles, images, and what only a browser shows. A
 * reader's view, no sanitizer: the result is searched and shown as text, never as HTML. Changes the element.
 */
export function toMarkdown(root: TreeNode): string {
  for (const element of root.querySelectorAll(UNREAD)) element.remove();
  for (const table of root.querySelectorAll('table')) promoteFirstRow(table);
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  service.use(gfm);
  // Addresses are noise to a search, and anchors inside of the document lead nowhere.
  service.addRule('link', { filter: 'a', replacement: (content) => content });
  // Nothing is shown as markdown: escapes would only stand between a text and the words it is searched by.
  service.escape = (text) => text;
  return service
    .turndown(root.innerHTML)
    .replaceAll('\u00a0', ' ')
    .replaceAll(/[ \t]+\n/g, '\n')
    .replaceAll(/^(\s*(?:-|\d+\.)) {2,}/gm, '$1 ')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** Without a header row a table would stay HTML: its first row becomes one. */
function promoteFirstRow(table: TreeNode): void {
  const first = table.querySelector('th') ? null : table.querySelector('tr');
  if (first) first.innerHTML = first.innerHTML.replaceAll(CELL, (tag) => tag.replace('td', 'th'));
}
