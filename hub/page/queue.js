// The alarm queue: one list, one thing at a time, answered from the keyboard.
import { Answer, answerKeys } from './answer.js';
import { html } from './html.js';
import { Mark } from './icons.js';
import { isFilmRunning, keysOfPlayer, Player } from './player.js';
import { AskSlip } from './slip.js';
import { ask, change, nowMs, rowKey, state } from './state.js';
import { shortTime, span, timeOfDay } from './time.js';

/** What is on the stage, since when: the row's key, the event. */
const staged = { key: undefined, event: undefined, sinceMs: 0 };
/** A hand at the desk keeps what is on the stage for so long; and so long it stays for who merely looks: in a storm nobody could see anything. */
const handRestsMs = 30_000;
const lookMs = 8000;
const isWatched = () =>
  nowMs() - state.handMs < handRestsMs || isFilmRunning() || Math.abs(nowMs() - staged.sinceMs) < lookMs;

const makesWay = (shown, next) => next?.level === 'alarm' && shown.level !== 'alarm';

/**
 * The row that is being answered; else the chosen one; else the first: an officer need not choose before seeing.
 * What somebody looks at makes way for an alarm, never for a mere event, and what is being answered for nothing.
 */
function rowOnStage() {
  const { queue, chosen, answer } = state;
  const byKey = (key) => queue.find((row) => rowKey(row) === key);
  const [first, shown] = [queue[0], byKey(staged.key)];
  const stays = shown !== undefined && isWatched() && !makesWay(shown, first);
  return byKey(answer?.key) ?? byKey(chosen) ?? (stays ? shown : first);
}

/** The part that was asked for; else what is looked at; else the row's head. `burst`: the row's events where they have come. */
function eventOnStage(row, burst) {
  const byId = (id) => (id === row.head?.id ? row.head : burst?.find((event) => event.id === id));
  const asked = byId(state.part);
  if (asked !== undefined) return asked;
  const { key, event } = staged;
  if (key !== rowKey(row) || event === undefined) return row.head;
  const stays = state.answer?.key === key || (isWatched() && !makesWay(event, row.head));
  return stays ? (byId(event.id) ?? event) : row.head;
}

export function Queue({ say }) {
  const { queue } = state;
  const row = rowOnStage();
  const alarms = queue.reduce((sum, each) => sum + each.alarms, 0);
  const events = queue.reduce((sum, each) => sum + each.count - each.alarms, 0);
  return html`
    <section class="queue" aria-labelledby="queue-title">
      <div class="section-head"><h2 id="queue-title">${say.queueTitle}</h2><span class="quiet">${queue.length > 0 && say.queueCounts(alarms, events)}</span></div>
      ${queue.length === 0 && html`<div class="calm"><${Mark} state="online" /><p><strong>${say.queueEmpty}</strong><br />${say.queueEmptyWhy}</p></div>`}
      <ol class="rows">${queue.map((each) => html`<${Row} key=${rowKey(each)} row=${each} isChosen=${each === row} say=${say} />`)}</ol>
      <p class="keys" aria-hidden="true">${say.queueKeys.map(([key, what]) => html`<span key=${key}><kbd>${key}</kbd> ${what}</span>`)}</p>
    </section>
    ${row === undefined ? html`<aside class="stage idle"></aside>` : html`<${Stage} row=${row} say=${say} />`}
  `;
}

function Row({ row, isChosen, say }) {
  const { title, level, head, point, count, alarms, fromMs, toMs, alarmMs } = row;
  const isLate = alarmMs !== null && nowMs() - alarmMs > state.escalateMs;
  const when = shortTime(fromMs) === shortTime(toMs) ? timeOfDay(toMs) : `${shortTime(fromMs)} – ${shortTime(toMs)}`;
  return html`
    <li>
      <button type="button" class=${`row ${level} ${isLate ? 'late' : ''}`} data-key=${rowKey(row)} aria-pressed=${String(isChosen)} onClick=${() => choose(row)}>
        <span class="thumb">${head?.still && html`<img src=${head.still} alt="" loading="lazy" />`}</span>
        <span class="row-text">
          <span class="row-head">${level === 'alarm' && html`<${Mark} state="alarm" />`}<strong>${title}</strong></span>
          <span class="row-what">${level === 'alarm' && html`<span class="badge">${say.alarm}</span> `}${row.triggers.map(({ trigger }) => say.triggers[trigger] ?? trigger).join(', ')}</span>
          <span class="row-why">${[say.burst(alarms, count - alarms), point.hamlet].filter(Boolean).join(' · ')}</span>
        </span>
        <span class="row-when"><time>${when}</time>${alarmMs !== null && html`<b>${say.waiting(span(nowMs() - alarmMs, say))}</b>`}</span>
      </button>
    </li>
  `;
}

function Stage({ row, say }) {
  const { point, alarmMs, title } = row;
  const key = rowKey(row);
  const asked = state.burst?.key === key ? state.burst : undefined;
  const burst = asked?.events;
  const event = eventOnStage(row, burst);
  if (staged.key !== key || staged.event?.id !== event?.id) staged.sinceMs = nowMs();
  Object.assign(staged, { key, event });
  if (row.count > 1 && isOld(asked, row, event)) void loadBurst(row, key);
  return html`
    <aside class=${`stage ${row.level}`} aria-label=${title}>
      ${alarmMs !== null && nowMs() - alarmMs > state.escalateMs && html`<p class="escalated" role="alert"><${Mark} state="alarm" /><strong>${say.escalated}.</strong> ${say.escalatedWhy(title)}</p>`}
      <div class="stage-head">
        <h2>${title}</h2>
        <p class="guard">
          ${[point.hamlet, point.contact].filter(Boolean).join(' · ') || say.noGuard}
          ${point.phone !== '' && html` <a class="phone" href=${`tel:${point.phone.replaceAll(/[^0-9+]/g, '')}`}>☎ ${point.phone}</a>`}
        </p>
      </div>
      ${event && html`<${Player} event=${event} say=${say} />`}
      ${burst && html`<${Strip} events=${burst} event=${event} say=${say} />`}
      <${Answer} row=${row} say=${say} done=${next} />
      ${event && html`<${AskSlip} event=${event} say=${say} />`}
    </aside>
  `;
}

/** The events of a burst as a film strip. */
function Strip({ events, event, say }) {
  return html`
    <div class="strip" role="group" aria-label=${say.eventsOf}>
      ${events.map(
        (each) => html`
          <button key=${each.id} type="button" class=${each.level} aria-pressed=${String(each.id === event?.id)} onClick=${() => change({ part: each.id })} aria-label=${`${say.triggers[each.trigger] ?? each.trigger}, ${timeOfDay(each.atMs)}`}>
            ${each.still && html`<img src=${each.still} alt="" loading="lazy" />`}<time>${timeOfDay(each.atMs)}</time>
          </button>
        `,
      )}
    </div>
  `;
}

/** The head's film is told of with its row; that of another event only by asking again. */
const isOld = (asked, row, event) =>
  asked?.row.count !== row.count || (asked.row !== row && event?.id !== row.head?.id);

async function loadBurst(row, key) {
  const { node, fromMs, toMs } = row;
  state.burst = { key, row, events: state.burst?.key === key ? state.burst.events : undefined };
  const query = new URLSearchParams({ node, fromMs, toMs: toMs + 1, limit: 60, waiting: 1 });
  const answer = await ask(`/api/find?${query}`).catch(() => undefined);
  if (answer !== undefined && state.burst.key === key) change({ burst: { key, row, events: answer.events } });
}

function choose(row) {
  if (row !== undefined) change({ chosen: rowKey(row), part: undefined, answer: undefined });
}

/** After an answer: the next that waits, the first of the list. */
const next = () => change({ chosen: undefined, part: undefined, answer: undefined });

export function keysOfQueue(pressed) {
  const { queue } = state;
  // What the officer has before the eyes, whatever came since it was drawn.
  const row = queue.find((each) => rowKey(each) === staged.key) ?? rowOnStage();
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[pressed.key];
  if (step !== undefined) {
    pressed.preventDefault();
    const to = queue[Math.min(queue.length - 1, Math.max(0, queue.indexOf(row) + step))];
    choose(to);
    if (to !== undefined) document.querySelector(`[data-key="${rowKey(to)}"]`)?.scrollIntoView({ block: 'nearest' });
    return;
  }
  if (row === undefined) return;
  if (!answerKeys(pressed, row)) keysOfPlayer(pressed);
}
