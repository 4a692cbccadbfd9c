// A node's day: what it recorded, when it was blind or away, and its stills as a film strip. A state is a height as well as a colour.
import { html } from './html.js';
import { Mark } from './icons.js';
import { ask, change, go, nowMs, state, titleOf } from './state.js';
import { dateOf, dayStart, isoDay, timeOfDay } from './time.js';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
/** Parts of the band's height. */
const heights = { recording: 1, buffering: 0.8, watching: 0.5, blind: 1, offline: 0.16, ahead: 0 };
const hours = [0, 3, 6, 9, 12, 15, 18, 21, 24];

export function DayBand({ say, node, day, chosen, choose }) {
  const key = `${node} ${day}`;
  if (state.day?.key !== key) void load(key, node, day);
  const told = state.day?.key === key ? state.day.told : undefined;
  const turn = (days) => go('find', { ...state.at, node, day: isoDay(dayStart(day) + days * dayMs) });
  return html`
    <section class="band sheet" aria-label=${say.dayOf(titleOf(node))}>
      <div class="band-head">
        <h2>${say.dayOf(titleOf(node))}</h2>
        <button type="button" aria-label=${say.dayBefore} title=${say.dayBefore} onClick=${() => turn(-1)}>‹</button>
        <strong>${dateOf(dayStart(day))}</strong>
        <button type="button" aria-label=${say.dayAfter} title=${say.dayAfter} disabled=${day >= isoDay(nowMs())} onClick=${() => turn(1)}>›</button>
        <ul class="legend">${told?.states.map((each) => told.totals[each] > 0 && html`<li key=${each}><svg class="key" viewBox="0 0 12 12" aria-hidden="true"><rect class=${each} x="0" y=${12 - 12 * Math.max(0.16, heights[each])} width="12" height=${12 * Math.max(0.16, heights[each])} /></svg>${say.minuteStates[each]} <b>${say.hoursMinutes(told.totals[each])}</b></li>`)}</ul>
      </div>
      ${told && html`<${Minutes} told=${told} /><${Film} told=${told} say=${say} chosen=${chosen} choose=${choose} />`}
    </section>
  `;
}

function Minutes({ told }) {
  return html`
    <svg class="minutes" viewBox="0 0 1440 40" preserveAspectRatio="none" aria-hidden="true">
      ${runsOf(told).map(({ from, length, is }) => html`<rect key=${from} class=${is} x=${from} y=${40 - 40 * heights[is]} width=${length} height=${40 * heights[is]} />`)}
      ${told.events.map(({ id, atMs, level }) => html`<rect key=${id} class=${`event ${level}`} x=${(atMs - told.fromMs) / minuteMs - 1} y="0" width="2" height=${level === 'alarm' ? 40 : 16} />`)}
    </svg>
    <ol class="hours" aria-hidden="true">${hours.map((hour) => html`<li key=${hour}>${String(hour).padStart(2, '0')}</li>`)}</ol>
  `;
}

/** Equal minutes beside each other are one bar. */
function runsOf({ minutes, states }) {
  const runs = [];
  for (const [minute, digit] of [...minutes].entries()) {
    const is = states[Number(digit)];
    const last = runs.at(-1);
    if (last?.is === is) last.length += 1;
    else runs.push({ from: minute, length: 1, is });
  }
  return runs;
}

/** One of them is in the order of Tab; the arrows go from one to the next. */
function Film({ told, say, chosen, choose }) {
  const { stills } = told;
  if (stills.length === 0) return null;
  const first = stills.find(({ event }) => event === chosen) ?? stills[0];
  const pick = ({ event, eventMs }) => choose({ node: told.node, id: event, atMs: eventMs });
  const step = (pressed) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[pressed.key];
    if (by === undefined) return;
    pressed.preventDefault();
    const to = pressed.currentTarget.children[stills.indexOf(first) + by];
    to?.focus();
    to?.click();
  };
  return html`
    <div class="strip" role="group" aria-label=${say.dayStills} onKeyDown=${step}>
      ${stills.map(
        (still) => html`
          <button key=${still.url} type="button" class=${still.level} tabindex=${still === first ? 0 : -1} aria-pressed=${String(still.event === chosen)} onClick=${() => pick(still)} aria-label=${timeOfDay(still.atMs)}>
            <img src=${still.url} alt="" loading="lazy" /><time>${still.level === 'alarm' && html`<${Mark} state="alarm" />`}${timeOfDay(still.atMs)}</time>
          </button>
        `,
      )}
    </div>
  `;
}

async function load(key, node, day) {
  state.day = { key };
  const told = await ask(`/api/day/${node}?day=${day}`).catch(() => undefined);
  if (told !== undefined && state.day?.key === key) change({ day: { key, told } });
}
