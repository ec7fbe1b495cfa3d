import { styleText } from 'node:util';

/** What a piece of text is, as far as its colour goes. */
export type Style = 'good' | 'plain' | 'bad' | 'warning' | 'muted' | 'name' | 'code';

const FORMATS = { good: 'green', bad: 'red', warning: 'yellow', muted: 'gray', name: 'bold', code: 'cyan' } as const;

export type TextPaint = (style: Style, text: string) => string;

/** Colours text by its style, or leaves it as it is where there are no colours. */
export function createTextPaint(colours: boolean): TextPaint {
  return (style, text) => {
    if (!colours || style === 'plain' || text === '') return text;
    return styleText(FORMATS[style], text, { validateStream: false });
  };
}
