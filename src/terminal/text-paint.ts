import { styleText } from 'node:util';

/** What a piece of text is, as far as its colour goes. */
export type Mood = 'good' | 'plain' | 'bad' | 'careful' | 'faint' | 'name';

const STYLES = { good: 'green', bad: 'red', careful: 'yellow', faint: 'gray', name: 'bold' } as const;

/** Colours text by its mood, or leaves it as it is where there are no colours. */
export function createTextPaint(colours: boolean): (mood: Mood, text: string) => string {
  return (mood, text) => {
    if (!colours || mood === 'plain' || text === '') return text;
    return styleText(STYLES[mood], text, { validateStream: false });
  };
}
