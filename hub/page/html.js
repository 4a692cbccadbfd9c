// JSX's job without a build step.
import htm from '/lib/htm.js';
import { h } from '/lib/preact.js';

export const html = htm.bind(h);
