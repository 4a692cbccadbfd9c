// The alarm queue: one list, one thing at a time, answered from the keyboard.
import { Answer, answerKeys } from './answer.js';
import { html } from './html.js';
import { Mark } from './icons.js';
import { keysOfPlayer, Player } from './player.js';
import { AskSlip } from './slip.js';
import { ask, change, nowMs, state } from './state.js';
import { shortTime, span, timeOfDay } from './time.js';

export const keyOf = ({ node, fromMs }) => `${node}/${fromMs}`;

/** The chosen row, or the first: an officer need not choose before seeing. A row keeps its place though its burst grows or is answered in part. */
function chosenRow() {
  const { queue, chosen } = state;
  return queue.find((row) => keyOf(row) === chosen) ?? queue[0];
}

export function Queue({ say }) {
  const { queue } = state;
  const row = chosenRow();
  const alarms = queue.reduce((sum, each) => sum + each.alarms, 0);
  const events = queue.reduce((sum, each) => sum + each.count - each.alarms, 0);
  return html`
    <section class="queue" aria-labelledby="queue-title">
      <div class="section-head"><h2 id="queue-title">${say.queueTitle}</h2><span class="quiet">${queue.length > 0 && say.queueCounts(alarms, events)}</span></div>
      ${queue.length === 0 && html`<div class="calm"><${Mark} state="online" /><p><strong>${say.queueEmpty}</strong><br />${say.queueEmptyWhy}</p></div>`}
      <ol class="rows">${queue.map((each) => html`<${Row} key=${keyOf(each)} row=${each} isChosen=${each === row} say=${say} />`)}</ol>
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
      <button type="button" class=${`row ${level} ${isLate ? 'late' : ''}`} data-key=${keyOf(row)} aria-pressed=${String(isChosen)} onClick=${() => choose(row)}>
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
  const { head, point, alarmMs, title } = row;
  const key = keyOf(row);
  const burst = state.burst?.key === key ? state.burst.events : undefined;
  if (row.count > 1 && (state.burst?.key !== key || state.burst.count !== row.count)) void loadBurst(row, key);
  const event = burst?.find(({ id }) => id === state.part) ?? head;
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

async function loadBurst({ node, fromMs, toMs, count }, key) {
  state.burst = { key, count, events: state.burst?.key === key ? state.burst.events : undefined };
  const query = new URLSearchParams({ node, fromMs, toMs: toMs + 1, limit: 60, waiting: 1 });
  const answer = await ask(`/api/find?${query}`).catch(() => undefined);
  if (answer !== undefined && state.burst.key === key) change({ burst: { key, count, events: answer.events } });
}

function choose(row) {
  if (row !== undefined) change({ chosen: keyOf(row), part: undefined, answer: undefined });
}

/** After an answer: the next that waits, the first of the list. */
const next = () => change({ chosen: undefined, part: undefined, answer: undefined });

export function keysOfQueue(pressed) {
  const { queue } = state;
  const row = chosenRow();
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[pressed.key];
  if (step !== undefined) {
    pressed.preventDefault();
    const to = queue[Math.min(queue.length - 1, Math.max(0, queue.indexOf(row) + step))];
    choose(to);
    if (to !== undefined) document.querySelector(`[data-key="${keyOf(to)}"]`)?.scrollIntoView({ block: 'nearest' });
    return;
  }
  if (row === undefined) return;
  if (!answerKeys(pressed, row)) keysOfPlayer(pressed);
}
