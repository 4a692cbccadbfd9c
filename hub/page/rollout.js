// A release on its way to the nodes: how far it is, how each node stands, and letting one go. For technicians.
import { html } from './html.js';
import { Mark } from './icons.js';
import { ask, change, post, state } from './state.js';
import { dateOf, shortTime } from './time.js';

const rings = ['bench', 'canary', 'tenth', 'rest'];
const marks = {
  proven: 'online',
  'rolled-back': 'alarm',
  refused: 'fault',
  told: 'stopped',
  due: 'offline',
  waiting: 'unknown',
};
const askEveryMs = 5_000;
const at = (ms) => `${shortTime(ms)} ${dateOf(ms)}`;

async function load() {
  state.rollout = { ...state.rollout, askedMs: Date.now() };
  const told = await ask('/api/rollout').catch(() => undefined);
  if (told !== undefined) change({ rollout: { ...state.rollout, ...told } });
}

async function act(path, body, say) {
  const fault = await post(path, body).then(
    () => '',
    (error) => say.rollout.failed[error.message] ?? say.rollout.notDone,
  );
  change({ rollout: { ...state.rollout, fault } });
  await load();
}

export function Rollout({ say }) {
  if (state.rollout === undefined || Date.now() - state.rollout.askedMs > askEveryMs) void load();
  const { releases, rollout, held, fault } = state.rollout ?? {};
  if (releases === undefined) return html`<p class="empty" role="status">…</p>`;
  const isGoing = rollout?.wave.is === 'going';
  return html`
    <section class="sheet">
      ${rollout ? html`<${Wave} rollout=${rollout} held=${held} say=${say} />` : html`<p class="empty">${say.rollout.none}</p>`}
      ${isGoing && html`<${Change} held=${held} say=${say} />`}
    </section>
    ${!isGoing && html`<${Start} releases=${releases} say=${say} />`}
    <p role="status" class="fault">${fault}</p>
  `;
}

function Wave({ rollout, held, say }) {
  const { wave, approvedBy, approvedMs } = rollout;
  const titles = new Map(state.nodes.map(({ node, title }) => [node, title]));
  const isQuiet = wave.is === 'going' && held.length === 0 && wave.settledMs !== null && wave.ring !== 'rest';
  return html`
    <h2>${say.rollout.head(wave.release, approvedBy, at(approvedMs))}</h2>
    <p><strong>${say.care.updateIs[wave.is]}</strong>${wave.why && html` · ${wave.why}`}</p>
    ${held.length > 0 && wave.is === 'going' && html`<p class="banner" role="alert"><${Mark} state="alarm" />${say.rollout.held(held.map((node) => titles.get(node) ?? node).join(', '))}</p>`}
    ${isQuiet && html`<p class="quiet">${say.rollout.quiet(at(wave.settledMs + wave.quietMs))}</p>`}
    ${rings
      .map((ring) => ({ ring, nodes: wave.nodes.filter((node) => node.ring === ring) }))
      .filter(({ nodes }) => nodes.length > 0)
      .map(
        ({ ring, nodes }) => html`
          <table key=${ring} class="ring">
            <caption><strong>${say.care.rings[ring]}</strong> · ${say.rollout.count(nodes.filter(({ standing }) => standing === 'proven').length, nodes.length)}</caption>
            <thead><tr><th scope="col">${say.rollout.node}</th><th scope="col">${say.rollout.state}</th><th scope="col">${say.rollout.since}</th></tr></thead>
            <tbody>${nodes.map(({ node, standing, text, sinceMs }) => html`<tr key=${node}><th scope="row">${titles.get(node) ?? node}</th><td><${Mark} state=${marks[standing]} />${say.care.standings[standing]}${text && html`: ${say.rollout.whys[text] ?? text}`}</td><td>${at(sinceMs)}</td></tr>`)}</tbody>
          </table>
        `,
      )}
  `;
}

function Change({ held, say }) {
  const send = (event) => {
    event.preventDefault();
    const { why } = Object.fromEntries(new FormData(event.target));
    void act('/api/rollout/change', { does: event.submitter.value, why }, say);
  };
  return html`
    <form class="grid" onSubmit=${send}>
      <label class="field"><span>${say.rollout.why}</span><input name="why" required maxlength="500" /></label>
      <p class="quiet">${say.rollout.stopNote}</p>
      <div class="acts">
        ${held.length > 0 && html`<button class="primary" value="go-on">${say.rollout.goOn}</button>`}
        <button class="more" value="stop">${say.rollout.stop}</button>
      </div>
    </form>
  `;
}

function Start({ releases, say }) {
  if (releases.length === 0) return html`<p class="empty">${say.rollout.noReleases}</p>`;
  // One release stands there once for each kind of machine.
  const byName = [...new Map(releases.map((each) => [each.release, each])).values()];
  const release = byName.find((each) => each.release === state.rollout.chosen) ?? byName[0];
  const send = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const canary = form.get('canary');
    const body = {
      release: form.get('release'),
      bench: form.getAll('bench'),
      quietHours: Number(form.get('hours')),
      ...(canary === '' ? {} : { canary }),
    };
    void act('/api/rollout', body, say);
  };
  const choose = (picked) => change({ rollout: { ...state.rollout, chosen: picked.target.value } });
  return html`
    <section class="sheet">
      <h2>${say.rollout.begin}</h2>
      <p class="quiet">${say.rollout.order}</p>
      <form class="grid" onSubmit=${send}>
        <label class="field"><span>${say.rollout.release}</span><select name="release" value=${release.release} onChange=${choose}>${byName.map((each) => html`<option key=${each.release} value=${each.release}>${each.release}</option>`)}</select></label>
        <p class="note">${release.note[state.language]}</p>
        <fieldset><legend>${say.rollout.bench}</legend>${state.nodes.map(({ node, title }) => html`<label key=${node}><input type="checkbox" name="bench" value=${node} /> ${title}</label>`)}</fieldset>
        <label class="field"><span>${say.rollout.canary}</span><select name="canary"><option value="">${say.rollout.anyCanary}</option>${state.nodes.map(({ node, title }) => html`<option key=${node} value=${node}>${title}</option>`)}</select></label>
        <label class="field"><span>${say.rollout.hours}</span><input name="hours" type="number" min="0" max="720" step="1" defaultValue="24" required /></label>
        <button class="primary">${say.rollout.start}</button>
      </form>
    </section>
  `;
}
