// "What would it have caught in the last 24 hours", for each sensitivity, from the traces at the hub.
import { html } from './html.js';
import { ask, change, state } from './state.js';
import { dateOf, shortTime, span } from './time.js';

export function Ask24({ node, care, asked, say }) {
  const words = say.care;
  const { caught24 } = care;
  if (caught24 === undefined)
    return html`<button type="button" class="plain" onClick=${() => load(node.node)}>${words.ask24}</button>`;
  if (caught24 === 'asking') return html`<p role="status">${words.asking24}</p>`;
  if (caught24.error !== undefined)
    return html`<p role="status">${caught24.error === 'busy' ? say.busy : words.no24}</p>`;
  const { levels, set, accountedMs, gapMs } = caught24;
  const most = Math.max(1, ...levels.map(({ events }) => events));
  const now = levels.find(({ sensitivity }) => sensitivity === set.at(-1));
  const chosen = levels[asked - 1];
  const more = chosen.events - (now?.events ?? 0);
  return html`
    <div class="caught">
      <h3>${words.last24}</h3>
      <ol class="bars">
        ${levels.map(
          ({ sensitivity, events }) => html`
          <li key=${sensitivity} class=${sensitivity === asked ? 'asked' : ''}>
            <b class="num">${sensitivity}</b><meter min="0" max=${most} value=${events} aria-label=${`${sensitivity}: ${words.events24(events)}`}></meter><span class="num">${words.events24(events)}</span>
            ${set.includes(sensitivity) && html`<small>${words.isSet}</small>`}
            ${sensitivity === asked && more !== 0 && html`<small>${more > 0 ? words.more24(more) : words.less24(-more)}</small>`}
          </li>`,
        )}
      </ol>
      <ul class="caught-list">${chosen.newest.slice(0, 12).map(({ atMs, durationMs, zones }) => html`<li key=${atMs}><time>${shortTime(atMs)} ${dateOf(atMs)}</time> ${span(durationMs, say)} ${zones.join(', ')}</li>`)}</ul>
      <p class="quiet">${words.told24(span(accountedMs, say))} ${gapMs > 60_000 && words.gaps24(gapMs / 60_000)}</p>
    </div>
  `;
}

async function load(node) {
  const put = (caught24) => state.care?.node === node && change({ care: { ...state.care, caught24 } });
  put('asking');
  put(await ask(`/api/care/${node}/sensitivity`).catch((error) => ({ error: error.message })));
}
