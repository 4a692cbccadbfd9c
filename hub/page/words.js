import actions from './actions.json' with { type: 'json' };
import faults from './faults.json' with { type: 'json' };
import { aimWords } from './words-aim.js';
import { careWords } from './words-care.js';
import { en } from './words-en.js';
import { peopleWords } from './words-people.js';
import { rolloutWords } from './words-rollout.js';
import { vi } from './words-vi.js';

const all = (language, words) => ({
  ...words,
  care: careWords[language],
  aim: aimWords[language],
  rollout: rolloutWords[language],
  people: peopleWords[language],
});

export const words = { vi: all('vi', vi), en: all('en', en) };

/** In words, where there are any: `input-held-panic` is told as `input-held`. */
export function faultWords({ code, text }, language) {
  const name = faults[code] === undefined ? code.replace(/-[^-]+$/, '') : code;
  return faults[name]?.[language] ?? text;
}

export const actionWords = (action, language) => actions[action]?.[language] ?? action;
