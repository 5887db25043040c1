import { isProbablyReaderable, Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { toMarkdown } from './markdown.ts';

/** Around the text of a page, not part of it. */
const AROUND = 'nav, header, footer, aside, form, dialog, [role=navigation], [role=banner], [role=contentinfo], [hidden], [aria-hidden=true]';
/** An article that holds less of a page than this was taken for one by mistake. */
const SMALLEST_SHARE = 0.3;

/** The text of a page as markdown: its article where it has one, else everything that is not around it. */
export function htmlToText(html: string): string {
  const whole = /<(html|body)[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const { document } = parseHTML(whole);
  const title = document.title.trim();
  const body = document.body;
  const article = isProbablyReaderable(document) ? readArticle(whole) : null;
  for (const element of body.querySelectorAll(AROUND)) if (!element.closest('article, main')) element.remove();
  const all = toMarkdown(body);
  const text = article !== null && article.length >= all.length * SMALLEST_SHARE ? article : all;
  return title === '' || /^# /m.test(text) ? text : `# ${title}\n\n${text}`;
}

function readArticle(html: string): string | null {
  const { document } = parseHTML(html);
  const heading = document.querySelector('h1')?.textContent?.trim() ?? '';
  const found = new Readability(document, { keepClasses: false }).parse();
  if (!found?.content) return null;
  const text = toMarkdown(parseHTML(`<html><body>${found.content}</body></html>`).document.body);
  // It takes the title away, which a search needs.
  return heading === '' || text.includes(heading) ? text : `# ${heading}\n\n${text}`;
}
