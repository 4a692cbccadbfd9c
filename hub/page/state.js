// One state, drawn anew whenever it changes; and how the hub is asked.
import { render } from '/lib/preact.js';
import { html } from './html.js';
import { words } from './words.js';

const kept = (name) => {
  try {
    return localStorage.getItem(name);
  } catch {
    // Storage may be switched off.
    return null;
  }
};
const keep = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // It is forgotten, then.
  }
};
const askedFor = new URLSearchParams(location.search).get('lang') ?? kept('language');

export const state = {
  language: askedFor === 'en' ? 'en' : 'vi',
  /** Undefined until the hub has said; null for nobody. */
  me: undefined,
  view: 'queue',
  /** What stands behind the view's name in the address. */
  at: {},
  nodes: [],
  points: {},
  hubFaults: [],
  connected: true,
  hubHere: true,
  /** The hub's clock less this machine's. */
  aheadMs: 0,
  queue: [],
  /** When a hand was last at the desk, by the hub's clock. */
  handMs: 0,
  /** Pictures newer than the last still, by node. */
  tiles: {},
  said: '',
  /** This browser is the second receiver's: silent until an alarm has waited too long. */
  isSecond: kept('second') === 'yes',
};

const screen = { root: undefined, isDrawing: false };
export const setRoot = (root) => {
  screen.root = root;
};

export function draw() {
  if (screen.isDrawing) return;
  screen.isDrawing = true;
  requestAnimationFrame(() => {
    if (screen.isDrawing) drawNow();
  });
}

/** For where the very next key is meant for something that is not on the screen yet. */
export function drawNow() {
  screen.isDrawing = false;
  const say = words[state.language];
  document.documentElement.lang = state.language;
  const alarms = state.queue.filter(({ level }) => level === 'alarm').length;
  document.title = `${alarms > 0 ? `(${alarms}) ` : ''}${say.product} · ${say.desk}`;
  render(html`<${screen.root} say=${say} />`, document.getElementById('desk'));
}

export function change(more) {
  Object.assign(state, more);
  draw();
}

/** A row of the queue: it stays the same though its burst grows. */
export const rowKey = ({ node, fromMs }) => `${node}/${fromMs}`;
export const nowMs = () => Date.now() + state.aheadMs;
export const can = (permission) => state.me?.may.includes(permission) === true;
export const titleOf = (node) => state.nodes.find((each) => each.node === node)?.title ?? node;

export function speak(language) {
  keep('language', language);
  change({ language });
}

export function beSecond(isSecond) {
  keep('second', isSecond ? 'yes' : 'no');
  change({ isSecond });
}

/** Throws `{ status, error }`. */
async function answerOf(response) {
  const told = await response.json().catch(() => ({}));
  if (response.status === 401 && state.me) change({ me: null });
  if (!response.ok) throw Object.assign(new Error(told.error ?? response.statusText), { status: response.status });
  return told;
}

export const ask = async (path) => answerOf(await fetch(path));

export const post = async (path, body = {}) =>
  answerOf(
    await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-csrf': state.me?.csrf ?? '' },
      body: JSON.stringify(body),
    }),
  );

/** `#/find?node=mat-01`: the view and what stands in it. */
export function readAddress() {
  const [view = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  return { view, at: Object.fromEntries(new URLSearchParams(query)) };
}
export const addressOf = (view, at = {}) => {
  const query = new URLSearchParams(at).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
};
export const go = (view, at = {}) => {
  location.hash = addressOf(view, at);
};
