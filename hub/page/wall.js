// All nodes: the last picture of each, how old it is, how the node is in words; live on a click.
import { html } from './html.js';
import { Mark } from './icons.js';
import { LivePicture, startLive } from './live.js';
import { nowMs, state } from './state.js';
import { tileOf, wantTiles } from './tiles.js';
import { shortTime, span, timeOfDay } from './time.js';
import { faultWords } from './words.js';

const minuteMs = 60_000;

export function Wall({ say }) {
  const { nodes } = state;
  if (nodes.length === 0) return html`<p class="empty">${say.noNodes}</p>`;
  wantTiles(nodes);
  return html`
    <ul class=${`tiles ${nodes.length <= 6 ? 'few' : nodes.length <= 15 ? 'some' : ''}`}>${nodes.map((node) => html`<${Tile} key=${node.node} node=${node} say=${say} />`)}</ul>
    ${state.live && html`<${LivePicture} say=${say} />`}
  `;
}

function Tile({ node, say }) {
  const { title, faults, chain } = node;
  const hasAlarm = state.queue.some((row) => row.node === node.node && row.level === 'alarm');
  return html`
    <li class=${`tile ${node.state} ${hasAlarm ? 'alarm' : ''}`}>
      <button type="button" class="picture" onClick=${() => startLive(node.node)} >
        <${Still} node=${node} say=${say} tile=${tileOf(node)} /><span class="play">${say.live}</span>
      </button>
      <div class="tile-text">
        <h3>${title}</h3>
        <p class=${`state ${node.state}`}><${Mark} state=${node.state} />${stateWords(node, say)}</p>
        ${hasAlarm && html`<a class="fault alarm" href="#/queue"><${Mark} state="alarm" />${say.alarm}</a>`}
        ${faults.map((fault) => html`<p key=${fault.code} class="fault" title=${fault.text}><${Mark} state="fault" />${faultWords(fault, state.language)}</p>`)}
        ${chain.state === 'broken' && html`<p class="fault"><${Mark} state="fault" />${say.broken(chain.gaps)}</p>`}
      </div>
    </li>
  `;
}

/** `tile`: a picture that goes on by itself, where one came. */
export function Still({ node, say, tile }) {
  const { title } = node;
  const still = tile ?? node.still;
  if (still === null) return html`<span class="no-picture"><span class="unseen">${title}: </span>${say.noStill}</span>`;
  const ageMs = nowMs() - still.atMs;
  return html`<img src=${still.url} alt=${`${title}, ${shortTime(still.atMs)}`} /><span class="stamp">${tile && html`<${Mark} state="online" />`}${ageMs < minuteMs ? timeOfDay(still.atMs) : say.age(span(ageMs, say))}</span>`;
}

/** "Mất kết nối 12 phút, còn 34 sự kiện chờ gửi" */
export function stateWords({ state: how, heardMs, queue }, say) {
  const waiting =
    queue === null || queue.files === 0
      ? undefined
      : queue.events > 0
        ? say.waitingEvents(queue.events)
        : say.waitingFiles(queue.files);
  const told =
    how === 'offline'
      ? say.offline(span(Math.max(heardMs === null ? minuteMs : nowMs() - heardMs, 0), say))
      : (say[how] ?? say.unknown);
  // What goes out at once need not be told; what has waited a while does.
  const isTold = how !== 'online' || (queue?.oldestAgeMs ?? 0) > minuteMs / 2;
  return waiting !== undefined && isTold ? `${told}, ${waiting}` : told;
}
