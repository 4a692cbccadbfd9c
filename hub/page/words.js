import { en } from './words-en.js';
import { vi } from './words-vi.js';

export const words = { vi, en };
