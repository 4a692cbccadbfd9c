// The duty desk: who is there, what the hub says, which view.
import { Banners } from './banners.js';
import { Care } from './care.js';
import { walked } from './care-aim.js';
import { Cases } from './cases.js';
import { Find, keysOfFind } from './find.js';
import { html } from './html.js';
import { Icon, Mark } from './icons.js';
import { Journal } from './journal.js';
import { Plan } from './map.js';
import { People } from './people.js';
import { keysOfQueue, Queue } from './queue.js';
import { Report } from './report.js';
import { Rollout } from './rollout.js';
import { Shift } from './shift.js';
import { FirstPassword, Languages, Resting, SignIn } from './sign-in.js';
import { Slip } from './slip.js';
import { allowSound, mayRing, ring, soundFor } from './sound.js';
import {
  addressOf,
  ask,
  beSecond,
  can,
  change,
  draw,
  drawNow,
  go,
  nowMs,
  post,
  readAddress,
  setRoot,
  state,
} from './state.js';
import { dateOf, timeOfDay, weekdayOf } from './time.js';
import { Tv } from './tv.js';
import { Wall } from './wall.js';
import { words } from './words.js';

const views = {
  queue: { needs: 'watch', show: Queue },
  wall: { needs: 'look', show: Wall },
  map: { needs: 'state', show: Plan },
  find: { needs: 'watch', show: Find },
  cases: { needs: 'case', show: Cases },
  shift: { needs: 'acknowledge', show: Shift },
  care: { needs: 'care', show: Care },
  rollout: { needs: 'update', show: Rollout },
  report: { needs: 'counts', show: Report },
  journal: { needs: 'audit', show: Journal },
  people: { needs: 'unlock', show: People },
};

const mine = () => Object.keys(views).filter((view) => can(views[view].needs));

function Desk({ say }) {
  const { me } = state;
  if (me === undefined) return html`<div class="door"><p role="status">${state.hubHere ? '…' : say.noHub}</p></div>`;
  if (me === null) return html`<${SignIn} say=${say} />`;
  if (me.mustChange) return html`<${FirstPassword} say=${say} />`;
  if (me.standing === 'resting') return html`<${Resting} say=${say} />`;
  if (me.standing === 'tv' || state.view === 'tv') return html`<${Tv} say=${say} />`;
  const view = mine().includes(state.view) ? state.view : mine()[0];
  const Shown = views[view]?.show;
  return html`
    <div class="desk">
      <${Rail} say=${say} view=${view} />
      <${Head} say=${say} view=${view} />
      <${Banners} say=${say} />
      <main id="view" class=${`view ${view}`} tabindex="-1">
        ${Shown ? html`<${Shown} say=${say} />` : html`<p class="empty">${say.noPictures}</p>`}
      </main>
      ${state.slip && html`<${Slip} say=${say} />`}
      <p class="unseen" aria-live="assertive">${state.said}</p>
    </div>
  `;
}

function Rail({ say, view }) {
  const alarms = state.queue.filter(({ level }) => level === 'alarm').length;
  return html`
    <nav class="rail" aria-label=${say.desk}>
      <a class="logo" href="#/" aria-label=${say.product}><img src="/page/eye.svg" alt="" width="34" height="34" /></a>
      ${mine().map(
        (each) => html`
          <a key=${each} href=${addressOf(each)} aria-current=${each === view ? 'page' : undefined}>
            <${Icon} name=${each} /><span>${say.nav[each]}</span>
            ${each === 'queue' && alarms > 0 && html`<b class="count">${alarms}</b>`}
          </a>
        `,
      )}
    </nav>
  `;
}

function Head({ say, view }) {
  const online = state.nodes.filter((node) => node.state === 'online').length;
  return html`
    <header>
      <h1>${say.nav[view] ?? say.desk}</h1>
      ${can('state') && html`<p class=${online < state.nodes.length ? 'how some' : 'how'}><${Mark} state=${online < state.nodes.length ? 'offline' : 'online'} />${say.wallSummary(online, state.nodes.length)}</p>`}
      ${state.hubFaults.length > 0 && html`<${Troubles} faults=${state.hubFaults} say=${say} />`}
      ${view !== 'queue' && html`<${Pressing} say=${say} />`}
      ${can('state') && html`<${Sound} say=${say} />`}
      <div class="now"><time>${timeOfDay(nowMs())}</time><span>${weekdayOf(nowMs(), say)}, ${dateOf(nowMs())}</span></div>
      <details class="me">
        <summary>${state.me.fullName}<small>${say.roles[state.me.role]}</small></summary>
        <div class="menu">
          <${Languages} />
          <a href="#/tv">${say.tv}</a>
          ${can('state') && html`<button type="button" class="second" aria-pressed=${String(state.isSecond)} onClick=${() => beSecond(!state.isSecond)}>${say.second}<small>${say.secondWhy}</small></button>`}
          <button type="button" onClick=${leave}>${say.signOut}</button>
        </div>
      </details>
    </header>
  `;
}

/** That the browser plays nothing yet is told as loudly as that somebody switched it off: an alarm would not be heard. */
function Sound({ say }) {
  const isMuted = state.muted === true;
  const isHeard = !isMuted && mayRing();
  const how = isMuted ? say.soundOff : isHeard ? (state.isSecond ? say.soundSecond : say.soundOn) : say.soundWaits;
  return html`<button type="button" class=${isHeard ? 'sound' : 'sound none'} aria-pressed=${String(!isMuted)} onClick=${mute}><${Icon} name=${isHeard ? 'sound' : 'mute'} />${how}</button>`;
}

function Troubles({ faults, say }) {
  return html`
    <details class="troubles">
      <summary><${Mark} state="fault" />${say.troubles} (${faults.length})</summary>
      <ul>${faults.map((fault) => html`<li key=${fault.text}><time>${timeOfDay(fault.atMs)}</time> ${fault.node} · ${say.hubFaults[fault.code] ?? fault.code} · <code>${fault.text}</code></li>`)}</ul>
    </details>
  `;
}

/** Whatever the officer is doing, an alarm is seen. */
function Pressing({ say }) {
  const alarms = state.queue.filter(({ level }) => level === 'alarm');
  if (alarms.length === 0) return null;
  return html`<a class="pressing" href="#/queue"><${Mark} state="alarm" /><strong>${say.newAlarm(alarms[0].title)}</strong><span>${say.take} →</span></a>`;
}

const mute = () => change({ muted: state.muted !== true });

async function leave() {
  await post('/api/sign-out').catch(() => undefined);
  change({ me: null, queue: [], nodes: [] });
}

async function loadNodes() {
  const [{ nodes, hubFaults, connected, disk, hubMs }, { points, plan }] = await Promise.all([
    ask('/api/nodes'),
    ask('/api/points'),
  ]);
  const isNews = disk !== null && disk.state !== 'ok' && disk.state !== state.disk?.state;
  change({ nodes, hubFaults, connected, disk, points, planMark: plan, aheadMs: hubMs - Date.now(), hubHere: true });
  // Once when it darkens, like an alarm; the words stay.
  if (isNews) heard.disk = false;
  if (disk === null || disk.state === 'ok') heard.disk = true;
  sound();
}

async function loadQueue() {
  const { rows, hubMs, escalateMs } = await ask('/api/queue');
  const before = new Set(
    state.queue.filter(({ level }) => level === 'alarm').map(({ node, head }) => `${node}/${head.id ?? ''}`),
  );
  const fresh = rows.find(({ level, node, head }) => level === 'alarm' && !before.has(`${node}/${head?.id ?? ''}`));
  const said = fresh === undefined ? {} : { said: words[state.language].newAlarm(fresh.title) };
  change({ queue: rows, escalateMs, aheadMs: hubMs - Date.now(), hubHere: true, ...said });
  sound();
}

const heard = { keys: [], urgent: false, rangMs: 0, disk: true };
/** What nobody could hear has not rung: it does as soon as a browser may play or the sound is on again. */
function sound() {
  if (state.muted === true || !mayRing()) return;
  const escalateMs = state.escalateMs ?? 180_000;
  const alarms = state.queue
    .filter(({ level, alarmMs }) => level === 'alarm' && (!state.isSecond || nowMs() - alarmMs > escalateMs))
    .map((row) => ({ ...row, head: row.head?.id ?? '' }));
  const { rings, ...next } = soundFor(alarms, heard, nowMs(), escalateMs);
  Object.assign(heard, next);
  if (rings || !heard.disk) ring(next.urgent);
  heard.disk = true;
}

const lost = (error) => {
  if (error?.status === undefined) change({ hubHere: false });
};
const load = () => Promise.all([loadNodes(), loadQueue()]).catch(lost);
/** The first change is asked after at once; those that come until the answer and `restMs` after it have one question together. */
const soon = (work, restMs) => {
  const turn = { isTaken: false, isWanted: false };
  const begin = async () => {
    turn.isTaken = true;
    turn.isWanted = false;
    await work().catch(lost);
    setTimeout(() => {
      turn.isTaken = false;
      if (turn.isWanted) void begin();
    }, restMs);
  };
  return () => {
    if (turn.isTaken) turn.isWanted = true;
    else void begin();
  };
};
const later = (work, ms) => {
  const wait = { timer: undefined };
  return () => {
    wait.timer ??= setTimeout(() => {
      wait.timer = undefined;
      work();
    }, ms);
  };
};
const queueSoon = soon(loadQueue, 60);
// What is new is asked for at once; its still, its end and each piece of its film come after one another, and share a question.
const queueLater = later(queueSoon, 500);
// In a storm each still is a change of its node's tile; nobody looks at thirty-five tiles more often than this.
const nodesSoon = soon(loadNodes, 2000);

const met = new Map();
const metMax = 1000;
/** An event that this page has not met, or as something else. */
function isUnmet({ node, id, level }) {
  const key = `${node}/${id}`;
  if (met.get(key) === level) return false;
  if (met.size >= metMax) met.delete(met.keys().next().value);
  met.set(key, level);
  return true;
}

const link = { stream: undefined, standing: undefined };
/** A stream for as long as somebody is signed in; another when who it is changes. */
function listen() {
  const standing =
    state.me === null || state.me === undefined || state.me.mustChange
      ? undefined
      : `${state.me.name} ${state.me.standing}`;
  if (standing === link.standing) return;
  link.stream?.close();
  link.standing = standing;
  link.stream = standing === undefined || !can('state') ? undefined : new EventSource('/api/events/stream');
  // Said at each connection: what happened in between is fetched.
  link.stream?.addEventListener('hello', load);
  link.stream?.addEventListener('reload', load);
  link.stream?.addEventListener('nodes', nodesSoon);
  link.stream?.addEventListener('queue', queueSoon);
  link.stream?.addEventListener('event', ({ data }) => {
    const event = JSON.parse(data);
    if (isUnmet(event)) queueSoon();
    else queueLater();
    walked(event);
  });
  link.stream?.addEventListener('error', () => {
    change({ hubHere: false });
    // Perhaps it is not the hub that went, but the session.
    void whoAmI();
  });
}

async function whoAmI() {
  try {
    const me = await ask('/api/me');
    change({ me, hubHere: true });
  } catch (error) {
    lost(error);
  }
}

async function enter() {
  const { view, at } = readAddress();
  if (view === 'vao' && at.ma !== undefined) {
    // Never in the browser's history.
    history.replaceState(null, '', '#/');
    try {
      const me = await post('/api/sign-in/link', { token: at.ma });
      // A TV has no menu: its link says whose it is.
      if (me.standing === 'tv') beSecond(at.second === 'yes');
      return change({ me, ...readAddress() });
    } catch {
      const me = await ask('/api/me').catch(() => null);
      return change({ me, doorFault: me === null ? words[state.language].linkUsed : undefined });
    }
  }
  change({ view, at });
  await whoAmI();
}

const hand = { toldMs: 0 };
/** A hand at the desk keeps the session awake; the hub hears of it once a minute. */
function handMoved() {
  allowSound();
  state.handMs = nowMs();
  if (!state.me || state.me.standing === 'resting' || Date.now() - hand.toldMs < 60_000) return;
  hand.toldMs = Date.now();
  post('/api/awake').catch(() => undefined);
}

setRoot(Desk);
addEventListener('hashchange', () => {
  const { view, at } = readAddress();
  if (view === 'vao') return void enter();
  const isOther = view !== state.view;
  // What was shown before may be old: a view that is opened asks anew.
  change({
    view: view === '' ? 'queue' : view,
    at,
    shift: undefined,
    journal: undefined,
    found: undefined,
    day: undefined,
    cases: undefined,
    report: undefined,
    rollout: undefined,
    people: undefined,
  });
  if (!isOther) return;
  // Whoever goes on with the keyboard begins in the view, not at the top of the page.
  drawNow();
  document.getElementById('view')?.focus({ preventScroll: true });
});
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, handMoved);
addEventListener('keydown', (pressed) => {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || pressed.target.closest('input, textarea, select')) return;
  if (pressed.key === 'm' || pressed.key === 'M') return mute();
  if (document.querySelector('dialog') !== null) return;
  if (state.view === 'tv' && pressed.key === 'Escape') return go('queue');
  if (state.view === '' || state.view === 'queue') keysOfQueue(pressed);
  if (state.view === 'find') keysOfFind(pressed);
});
setInterval(() => {
  listen();
  if (state.me) sound();
  draw();
}, 1000);
// Rest begins here as well, when the hub has not been told of a hand for as long.
setInterval(() => state.me && whoAmI(), 30_000);
// Heard without a hand where the browser was told so, as that of the screen on the wall may be.
allowSound();
enter().then(listen);
