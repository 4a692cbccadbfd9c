// Asking a node for minutes that it still holds: asked, on its way, here, or gone.
import { html } from './html.js';
import { ask, change, post, state, titleOf } from './state.js';
import { dateOf, dayStart, hourMs, isoDay, shortTime } from './time.js';

export function LookBack({ say }) {
  const { lookback } = state;
  const load = () =>
    ask('/api/lookback').then(
      ({ asked }) => change({ lookback: asked }),
      () => undefined,
    );
  const send = async (event) => {
    event.preventDefault();
    const { node, day, from, minutes } = Object.fromEntries(new FormData(event.target));
    const fromMs = dayStart(day) + hourMs(from);
    const asked = { isAnswered: false };
    void post('/api/lookback', { node, fromMs, toMs: fromMs + Number(minutes) * 60_000 })
      .catch(() => undefined)
      .finally(() => {
        asked.isAnswered = true;
      });
    // The node may take its time to answer, and it comes piece by piece: look now and then for as long as it may take.
    for (let times = 0; times < 45; times++) {
      const { isAnswered } = asked;
      await load();
      if (isAnswered && state.lookback?.every((each) => each.state !== 'asked' && each.state !== 'coming')) return;
      await new Promise((resolve) => setTimeout(resolve, isAnswered ? 4000 : 1000));
    }
  };
  return html`
    <details class="look-back" onToggle=${(toggled) => toggled.target.open && load()}>
      <summary>${say.lookback}</summary>
      <form class="filter" onSubmit=${send}>
        <label class="field"><span>${say.nodes}</span><select name="node">${state.nodes.map(({ node, title }) => html`<option key=${node} value=${node}>${title}</option>`)}</select></label>
        <label class="field"><span>${say.day}</span><input name="day" type="date" required defaultValue=${isoDay(Date.now())} /></label>
        <label class="field"><span>${say.fromTime}</span><input name="from" type="time" required /></label>
        <label class="field"><span>${say.minutesLong}</span><input name="minutes" type="number" min="1" max="15" required defaultValue="2" /></label>
        <button class="primary">${say.askFor}</button>
      </form>
      <ul class="lines">${(lookback ?? []).map((each) => html`<li key=${each.id}><time>${shortTime(each.fromMs)}–${shortTime(each.toMs)} ${dateOf(each.fromMs)}</time><span>${titleOf(each.node)}</span><span>${each.url === null ? say.lookbackStates[each.state] : html`<a href=${each.url} target="_blank" rel="noopener">${say.lookbackStates[each.state]} ▶</a>`}${each.why !== null && `: ${say.lookbackWhy[each.why] ?? say.lookbackWhy.failed}`}</span></li>`)}</ul>
    </details>
  `;
}
