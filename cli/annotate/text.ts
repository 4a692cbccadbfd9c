// Words as stencils, by sharp's own text engine, with whatever fonts the machine has: Vietnamese marks come out right.
import type { Stencil } from './canvas.ts';

export interface Letters {
  /** `px` is the height of the letters; lines are broken at `widthMax`. Asked again, the same words cost nothing. */
  write(words: string, px: number, widthMax?: number): Promise<Stencil>;
}

const keptMax = 500;
const nothing: Stencil = { width: 0, height: 0, alpha: new Uint8Array(0) };

export async function openLetters(): Promise<Letters> {
  const { default: sharp } = await import('sharp');
  const kept = new Map<string, Promise<Stencil>>();

  const make = async (words: string, px: number, widthMax: number | undefined): Promise<Stencil> => {
    if (words.trim() === '') return nothing;
    const text = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const width = widthMax === undefined ? {} : { width: Math.max(1, Math.round(widthMax)), wrap: 'word' as const };
    // At 72 dots an inch a point is a pixel; the colour is laid on where it is stamped.
    const options = {
      text: `<span foreground="white">${text}</span>`,
      font: `DejaVu Sans, sans ${px}`,
      rgba: true,
      dpi: 72,
    };
    const { data, info } = await sharp({ text: { ...options, ...width } })
      .extractChannel(3)
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, alpha: data };
  };

  return {
    write: (words, px, widthMax) => {
      const key = `${px} ${widthMax ?? ''} ${words}`;
      const before = kept.get(key);
      if (before !== undefined) return before;
      const oldest = kept.keys().next();
      if (kept.size >= keptMax && !oldest.done) kept.delete(oldest.value);
      const made = make(words, px, widthMax);
      kept.set(key, made);
      return made;
    },
  };
}
