import faults from './faults.json' with { type: 'json' };
import { en } from './words-en.js';
import { vi } from './words-vi.js';

export const words = { vi, en };

/** In words, where there are any: `input-held-panic` is told as `input-held`. */
export function faultWords({ code, text }, language) {
  const name = faults[code] === undefined ? code.replace(/-[^-]+$/, '') : code;
  return faults[name]?.[language] ?? text;
}
