// One tile a node: its last still, and how it is, in words.
import { html } from './html.js';
import { span, timeOfDay } from './words.js';

const minuteMs = 60_000;

export function Nodes({ nodes, nowMs, say }) {
  const online = nodes.filter(({ state }) => state === 'online').length;
  return html`
    <section aria-labelledby="nodes-title">
      <div class="section-head">
        <h2 id="nodes-title">${say.nodes}</h2>
        <span class="quiet">${nodes.length > 0 && say.summary(online, nodes.length)}</span>
      </div>
      ${
        nodes.length === 0
          ? html`<p class="empty">${say.noNodes}</p>`
          : html`<ul class="tiles">${nodes.map((node) => html`<${Tile} key=${node.node} node=${node} nowMs=${nowMs} say=${say} />`)}</ul>`
      }
    </section>
  `;
}

function Tile({ node, nowMs, say }) {
  const { still, title, state, faults, chain } = node;
  return html`
    <li class=${`tile ${state}`}>
      <div class="picture">
        ${
          still === null
            ? html`<span class="no-picture">${say.noStill}</span>`
            : html`<img src=${still.url} alt=${`${title}, ${timeOfDay(still.atMs)}`} /><time class="stamp">${timeOfDay(still.atMs)}</time>`
        }
      </div>
      <div class="tile-text">
        <h3>${title}</h3>
        <p class=${`state ${state}`}><span class="dot" aria-hidden="true"></span>${stateWords(node, nowMs, say)}</p>
        ${faults.map((fault) => html`<p key=${fault.code} class="fault" title=${fault.text}>${say.faults[fault.code] ?? fault.text}</p>`)}
        ${chain.state === 'broken' && html`<p class="fault">${say.broken(chain.gaps)}</p>`}
      </div>
    </li>
  `;
}

/** "Mất kết nối 12 phút, còn 34 sự kiện chờ gửi" */
function stateWords({ state, heardMs, queue }, nowMs, say) {
  const waiting =
    queue === null || queue.files === 0
      ? undefined
      : queue.events > 0
        ? say.waitingEvents(queue.events)
        : say.waitingFiles(queue.files);
  const how =
    state === 'offline'
      ? say.offline(span(Math.max(heardMs === null ? minuteMs : nowMs - heardMs, 0), say))
      : (say[state] ?? say.unknown);
  // What goes out at once need not be told; what has waited a while does.
  const told = state !== 'online' || (queue?.oldestAgeMs ?? 0) > minuteMs / 2;
  return waiting !== undefined && told ? `${how}, ${waiting}` : how;
}
