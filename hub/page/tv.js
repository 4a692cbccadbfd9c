// The screen on the wall, to be read from three metres: pages of big tiles that take turns; an alarm takes it over.
import { Banners } from './banners.js';
import { html } from './html.js';
import { Icon, Mark } from './icons.js';
import { mayRing } from './sound.js';
import { nowMs, state } from './state.js';
import { tileOf, wantTiles } from './tiles.js';
import { dateOf, span, timeOfDay, weekdayOf } from './time.js';
import { Still, stateWords } from './wall.js';

const perPage = 6;
const turnMs = 15_000;
/** Of the alarms that wait behind the first, so many by name. */
const named = 4;

export function Tv({ say }) {
  const alarms = state.queue.filter(({ level }) => level === 'alarm');
  const { nodes } = state;
  const pages = Math.max(1, Math.ceil(nodes.length / perPage));
  const page = Math.floor(nowMs() / turnMs) % pages;
  const shown = nodes.slice(page * perPage, (page + 1) * perPage);
  if (alarms.length === 0) wantTiles(shown);
  const online = nodes.filter((node) => node.state === 'online').length;
  return html`
    <div class=${`tv ${alarms.length > 0 ? 'has-alarm' : ''}`}>
      <header>
        <img src="/page/eye.svg" alt="" width="44" height="44" />
        <h1>${say.product}</h1>
        <p class="how"><${Mark} state=${online < nodes.length ? 'offline' : 'online'} />${say.wallSummary(online, nodes.length)}</p>
        ${(state.muted === true || !mayRing()) && html`<p class="tv-silent"><${Icon} name="mute" />${state.muted === true ? say.soundOff : say.soundWaits}</p>`}
        ${state.isSecond && state.muted !== true && mayRing() && html`<p class="how">${say.soundSecond}</p>`}
        <div class="now"><time>${timeOfDay(nowMs())}</time><span>${weekdayOf(nowMs(), say)}, ${dateOf(nowMs())}</span></div>
      </header>
      <${Banners} say=${say} />
      <main>
        ${
          alarms.length > 0
            ? html`<${Takeover} alarms=${alarms} say=${say} />`
            : html`<ul class=${`tv-tiles ${nodes.length <= 2 ? 'few' : ''} ${nodes.length <= 3 ? 'one-row' : ''}`}>${shown.map(
                (node) => html`
                  <li key=${node.node} class=${`tile ${node.state}`}>
                    <div class="picture"><${Still} node=${node} say=${say} tile=${tileOf(node)} /></div>
                    <h2>${node.title}</h2>
                    <p class=${`state ${node.state}`}><${Mark} state=${node.state} />${stateWords(node, say)}</p>
                  </li>
                `,
              )}</ul>`
        }
        ${alarms.length === 0 && pages > 1 && html`<p class="turns" aria-hidden="true">${page + 1} / ${pages}</p>`}
      </main>
    </div>
  `;
}

/** The alarm that waits longest, as large as it will go; the others by name. */
function Takeover({ alarms, say }) {
  const [first, ...others] = alarms;
  const isLate = nowMs() - first.alarmMs > state.escalateMs;
  return html`
    <section class=${`takeover ${isLate ? 'late' : ''}`} role="alert">
      <div class="picture">${first.head?.still && html`<img src=${first.head.still} alt=${first.title} />`}</div>
      <div>
        <p class="tv-alarm"><${Mark} state="alarm" />${say.alarm}</p>
        <h2>${first.title}</h2>
        <p class="tv-what">${first.triggers.map(({ trigger }) => say.triggers[trigger] ?? trigger).join(', ')} · ${timeOfDay(first.alarmMs)}</p>
        <p class="tv-wait">${say.waiting(span(nowMs() - first.alarmMs, say))}</p>
        <p class="tv-guard">${[first.point.hamlet, first.point.contact].filter(Boolean).join(' · ')}${first.point.phone !== '' && html`<span class="phone">☎ ${first.point.phone}</span>`}</p>
        ${isLate && html`<p class="tv-late">${say.escalated}</p>`}
        ${others.length > 0 && html`<ul>${others.slice(0, named).map((row) => html`<li key=${`${row.node} ${row.fromMs}`}><${Mark} state="alarm" />${row.title}</li>`)}${others.length > named && html`<li key="more">${say.moreAlarms(others.length - named)}</li>`}</ul>`}
      </div>
    </section>
  `;
}
