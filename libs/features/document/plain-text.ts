import type { SourceType } from '@agent-platform/contracts/document/document.events';
import { csvToText } from './csv.text.ts';
import { htmlToText } from './html.text.ts';

/**
 * What is cut into chunks: the text itself; of HTML its text, with headings as in markdown; of CSV one line per row that
 * names its columns. Positions of chunks are places in this. Total and pure.
 */
export function plainText(content: string, type: SourceType): string {
  const text = content.replaceAll(/\r\n?/g, '\n').replace(/^\uFEFF/, '');
  switch (type) {
    case 'html':
      return htmlToText(text);
    case 'csv':
      return csvToText(text);
    case 'text':
    case 'markdown':
      return text;
  }
}
