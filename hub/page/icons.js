// Drawn with one stroke, so that they take the colour of the words beside them.
import { html } from './html.js';

const paths = {
  queue: 'M6 16v-5a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  wall: 'M3 4h8v7H3zM13 4h8v7h-8zM3 13h8v7H3zM13 13h8v7h-8z',
  map: 'M9 4 3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14',
  find: 'M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14M16 16l5 5',
  cases: 'M3 7h7l2 2h9v11H3z',
  shift: 'M4 8h13l-3-3M20 16H7l3 3',
  care: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2',
  journal: 'M5 3h12l2 2v16H5zM9 8h6M9 12h6M9 16h4',
  people: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8M4 21c0-4 4-6 8-6s8 2 8 6',
  report: 'M4 20h16M7 17v-6M12 17V5M17 17v-9',
  rollout: 'M12 3v11M8 10l4 4 4-4M4 17v4h16v-4',
  sound: 'M4 9v6h4l5 4V5L8 9zM16 9a4 4 0 0 1 0 6M18.500 6a8 8 0 0 1 0 12',
  mute: 'M4 9v6h4l5 4V5L8 9zM17 10l4 4M21 10l-4 4',
};

export const Icon = ({ name }) => html`
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${paths[name]} /></svg>
`;

const marks = {
  online: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14',
  alarm: 'M12 3 22 20H2z',
  offline: 'M5 5l14 14M19 5 5 19',
  stopped: 'M5 5h14v14H5z',
  unknown: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14',
  fault: 'M12 3l9 9-9 9-9-9z',
};

/** A state as a shape, for eyes that do not tell red from green. */
export const Mark = ({ state }) => html`
  <svg class=${`mark ${state}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${marks[state] ?? marks.unknown} /></svg>
`;
