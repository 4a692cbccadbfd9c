// A node's settings as a form: the words and bounds are those of the configuration itself.
import { draftOf, edit, Review, setAt, valueAt } from './care-draft.js';
import { Ask24 } from './care-sensitivity.js';
import { html } from './html.js';

export function Settings({ node, care, say }) {
  const settings = draftOf(care);
  if (care.told === undefined) return html`<p class="empty" role="status">…</p>`;
  if (settings === undefined) return html`<p class="empty">${say.care.notToldSettings}</p>`;
  const [sensitivity, ...others] = care.told.fields.toSorted(
    (one, other) => Number(other.key === 'motion.sensitivity') - Number(one.key === 'motion.sensitivity'),
  );
  return html`
    <div class="settings">
      <${Sensitivity} field=${sensitivity} settings=${settings} node=${node} care=${care} say=${say} />
      <div class="fields">${others.map((field) => html`<${Field} key=${field.key} field=${field} settings=${settings} say=${say} />`)}</div>
      <${Review} node=${node} care=${care} say=${say} />
    </div>
  `;
}

function Sensitivity({ field, settings, node, care, say }) {
  const value = valueAt(settings, field.key);
  return html`
    <div class="sensitivity">
      <label class="field"><span>${field[say.language]}</span>
        <span class="slide"><input type="range" min=${field.min} max=${field.max} step="1" value=${value} onInput=${(moved) => edit((draft) => setAt(draft, field.key, Number(moved.target.value)))} /><output class="num">${value}</output></span>
      </label>
      <${Ask24} node=${node} care=${care} asked=${value} say=${say} />
    </div>
  `;
}

function Field({ field, settings, say }) {
  const { key, kind, min, max } = field;
  const value = valueAt(settings, key);
  const label = field[say.language];
  const put = (next) => edit((draft) => setAt(draft, key, next));
  const asNumber = (changed) => put(changed.target.value === '' ? null : Number(changed.target.value));
  if (kind === 'truth')
    return html`<label class="field tick"><input type="checkbox" checked=${value} onChange=${(changed) => put(changed.target.checked)} /><span>${label}</span></label>`;
  if (kind === 'size') return html`<${Size} label=${label} value=${value} put=${put} say=${say} />`;
  if (kind === 'text')
    return html`<label class="field"><span>${label}</span><input value=${value} maxlength=${max ?? 100} onChange=${(changed) => put(changed.target.value)} /></label>`;
  return html`<label class="field"><span>${label} <small>${min !== null && say.care.bounds(min, max)}</small></span><input type="number" step="any" inputmode="decimal" value=${value} onChange=${asNumber} /></label>`;
}

/** One number for the whole picture, or one near and one far. */
function Size({ label, value, put, say }) {
  const isPair = typeof value === 'object' && value !== null;
  const { near, far } = isPair ? value : { near: value, far: value };
  const set = (name) => (changed) => {
    const next = { near, far, [name]: Number(changed.target.value) };
    put(next.near === next.far ? next.near : next);
  };
  return html`
    <fieldset class="field"><legend><span>${label.split(':')[0]}</span></legend>
      <div class="pair">
        ${['near', 'far'].map((name) => html`<label key=${name}><small>${say.care[name]}</small><input type="number" step="any" min="0" max="1" value=${{ near, far }[name]} onChange=${set(name)} /></label>`)}
      </div>
    </fieldset>
  `;
}
