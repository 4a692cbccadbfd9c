// The duty desk's page: one state, drawn anew whenever it changes.
import { render } from '/lib/preact.js';
import { Events, keyOf } from './events.js';
import { html } from './html.js';
import { Nodes } from './nodes.js';
import { Player } from './player.js';
import { timeOfDay, words } from './words.js';

const eventsMax = 500;
const askedFor = new URLSearchParams(location.search).get('lang');
const state = {
  language: askedFor === 'en' ? 'en' : 'vi',
  nodes: [],
  hubFaults: [],
  connected: true,
  hubHere: true,
  /** The hub's clock less this machine's. */
  aheadMs: 0,
  events: [],
  next: null,
  chosen: undefined,
  part: 0,
  failed: false,
  said: '',
};

let isDrawing = false;
function draw() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    document.documentElement.lang = state.language;
    document.title = `${words[state.language].product} · ${words[state.language].desk}`;
    render(html`<${Desk} />`, document.getElementById('desk'));
  });
}

function change(more) {
  Object.assign(state, more);
  draw();
}

function Desk() {
  const say = words[state.language];
  const nowMs = Date.now() + state.aheadMs;
  const event = state.events.find((each) => keyOf(each) === state.chosen);
  return html`
    <header>
      <img src="/page/eye.svg" alt="" width="30" height="30" />
      <h1>${say.product} <span>${say.desk}</span></h1>
      <time class="now">${timeOfDay(nowMs)}</time>
      <nav aria-label="Ngôn ngữ · Language">
        ${['vi', 'en'].map(
          (language) => html`
            <button key=${language} type="button" aria-pressed=${language === state.language ? 'true' : 'false'} onClick=${() => speak(language)}>
              ${language === 'vi' ? 'Tiếng Việt' : 'English'}
            </button>
          `,
        )}
      </nav>
    </header>
    <main>
      ${!state.hubHere && html`<p class="banner" role="status">${say.noHub}</p>`}
      ${state.hubHere && !state.connected && html`<p class="banner" role="status">${say.noBroker}</p>`}
      ${state.hubFaults.length > 0 && html`<${Troubles} faults=${state.hubFaults} say=${say} />`}
      <${Nodes} nodes=${state.nodes} nowMs=${nowMs} say=${say} />
      <div class="work">
        <${Events} events=${state.events} next=${state.next} chosen=${state.chosen} nowMs=${nowMs} say=${say} choose=${choose} more=${loadMore} />
        <${Player}
          event=${event} part=${state.part} failed=${state.failed} say=${say}
          choosePart=${(part) => change({ part, failed: false })}
          fail=${() => change({ failed: true })}
          close=${() => choose(undefined)}
        />
      </div>
      <p class="unseen" aria-live="assertive">${state.said}</p>
    </main>
  `;
}

function Troubles({ faults, say }) {
  return html`
    <details class="troubles">
      <summary>${say.troubles}: ${say.hubFaults[faults[0].code] ?? faults[0].code}${faults.length > 1 ? ` (+${faults.length - 1})` : ''}</summary>
      <ul>${faults.map((fault) => html`<li key=${fault.text}><time>${timeOfDay(fault.atMs)}</time> ${fault.node} · ${say.hubFaults[fault.code] ?? fault.code} · <code>${fault.text}</code></li>`)}</ul>
    </details>
  `;
}

function choose(key) {
  if (key !== state.chosen) change({ chosen: key, part: 0, failed: false });
}

function speak(language) {
  history.replaceState(null, '', language === 'vi' ? location.pathname : `?lang=${language}`);
  change({ language });
}

async function ask(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return await answer.json();
}

async function loadNodes() {
  const { nodes, hubFaults, connected, hubMs } = await ask('/api/nodes');
  change({ nodes, hubFaults, connected, aheadMs: hubMs - Date.now(), hubHere: true });
}

async function loadEvents() {
  const { events, next } = await ask('/api/events?limit=50');
  change({ events, next });
}

async function loadMore() {
  const { events, next } = await ask(`/api/events?limit=50&before=${state.next}`);
  const known = new Set(state.events.map(keyOf));
  change({ events: [...state.events, ...events.filter((event) => !known.has(keyOf(event)))], next });
}

/** A new or changed event takes its place in the list. */
function place(event) {
  const key = keyOf(event);
  const isNew = !state.events.some((each) => keyOf(each) === key);
  const others = state.events.filter((each) => keyOf(each) !== key);
  const events = [...others, event].sort((a, b) => b.atMs - a.atMs).slice(0, eventsMax);
  const say = words[state.language];
  change({ events, ...(isNew && event.level === 'alarm' ? { said: say.newAlarm(event.title) } : {}) });
}

const lost = () => change({ hubHere: false });
const load = () => Promise.all([loadNodes(), loadEvents()]).catch(lost);

function listen() {
  const stream = new EventSource('/api/events/stream');
  // Said at each connection: what happened in between is fetched.
  stream.addEventListener('hello', load);
  stream.addEventListener('reload', load);
  stream.addEventListener('nodes', () => loadNodes().catch(lost));
  stream.addEventListener('event', ({ data }) => place(JSON.parse(data)));
  stream.addEventListener('error', lost);
}

document.addEventListener('keydown', (pressed) => {
  if (pressed.key === 'Escape') return choose(undefined);
  if ((pressed.key !== 'ArrowDown' && pressed.key !== 'ArrowUp') || pressed.target.closest('video, select, input'))
    return;
  const rows = [...document.querySelectorAll('.row')];
  const at = rows.indexOf(document.activeElement);
  const row = rows[pressed.key === 'ArrowDown' ? at + 1 : Math.max(0, at - 1)];
  if (row === undefined) return;
  pressed.preventDefault();
  row.focus();
});

draw();
listen();
setInterval(draw, 1000);
