// What a hand is changing of a node's settings: kept beside what is in force, weighed by the hub, shown as a list of changes, then sent.
import { html } from './html.js';
import { ask, change, nowMs, post, state } from './state.js';

/** `draft` is what a hand is changing; it stays while the page looks elsewhere, and goes with its node. */
export async function loadCare(node) {
  if (state.care?.node !== node) state.care = { node };
  const told = await ask(`/api/care/${node}`).catch(() => undefined);
  if (told !== undefined && state.care.node === node) change({ care: { ...state.care, told, toldMs: nowMs() } });
  return told;
}

/** The settings as they would be. */
export const draftOf = (care) => care.draft ?? care.told?.inForce?.settings;
export const isChanged = (care) => care.draft !== undefined;

/** `work` changes a copy. */
export function edit(work) {
  const { care } = state;
  const draft = structuredClone(draftOf(care));
  // What was in force when the hand began: if another's change comes in between, the hub says so.
  const base = care.draft === undefined ? care.told.inForce.boot : care.base;
  work(draft);
  change({ care: { ...care, draft, base, weighed: undefined, told24: undefined, sent: undefined } });
}

const drop = (more = {}) => change({ care: { ...state.care, draft: undefined, weighed: undefined, ...more } });
const put = (node, more) => state.care?.node === node && change({ care: { ...state.care, ...more } });

/** For paths as the hub names them: `motion.minMs`. */
export const valueAt = (settings, key) => key.split('.').reduce((value, step) => value?.[step], settings);
export function setAt(settings, key, value) {
  const steps = key.split('.');
  const last = steps.pop();
  steps.reduce((at, step) => at[step], settings)[last] = value;
}

export function Review({ node, care, say }) {
  const words = say.care;
  const { weighed, sent } = care;
  const review = () => weigh(node.node, say);
  return html`
    <div class="review">
      <div class="review-acts">
        <button type="button" class="primary" disabled=${!isChanged(care)} onClick=${review}>${words.review}</button>
        <button type="button" class="plain" disabled=${!isChanged(care)} onClick=${() => drop()}>${words.undo}</button>
        <p role="status" class=${sent?.isBad ? 'bad' : ''}>${sent?.text ?? (isChanged(care) ? '' : words.nothing)}</p>
      </div>
      ${weighed && html`<${Weighed} node=${node} weighed=${weighed} say=${say} />`}
    </div>
  `;
}

function Weighed({ node, weighed, say }) {
  const words = say.care;
  const { faults, changes } = weighed;
  if (faults.length > 0)
    return html`<div class="care-faults" role="alert"><h3>${words.faulty}</h3><ul>${faults.map(({ key, text }) => html`<li key=${`${key} ${text}`}><span><code>${key}</code> ${text}</span></li>`)}</ul></div>`;
  return html`
    <h3>${words.changes}</h3>
    <table class="diff">
      <thead><tr><th scope="col">${words.setting}</th><th scope="col">${words.before}</th><th scope="col">${words.after}</th></tr></thead>
      <tbody>${changes.map(({ key, label, from, to }) => html`<tr key=${label}><th scope="row">${label}<br /><code>${key}</code></th><td>${from === null ? '—' : html`<del>${from}</del>`}</td><td>${to === null ? '—' : html`<ins>${to}</ins>`}</td></tr>`)}</tbody>
    </table>
    <div class="review-acts"><button type="button" class="primary" disabled=${changes.length === 0 || state.care.sending} onClick=${() => send(node.node, say)}>${words.send}</button></div>
  `;
}

const wish = (say) => ({ base: state.care.base, settings: state.care.draft, language: say.language });

/** What the hub says against it, in words; true when it was another's change. */
async function failed(node, error, words) {
  if (error.message !== 'changed-meanwhile')
    return put(node, { sent: { text: words.notTaken(error.message), isBad: true } });
  await loadCare(node);
  drop({ sent: { text: words.meanwhile, isBad: true } });
}

async function weigh(node, say) {
  put(node, { sent: { text: say.care.reviewing } });
  try {
    const weighed = await post(`/api/care/${node}/check`, wish(say));
    put(node, { weighed, sent: undefined });
    requestAnimationFrame(() =>
      requestAnimationFrame(() => document.querySelector('.review')?.scrollIntoView({ block: 'nearest' })),
    );
  } catch (error) {
    await failed(node, error, say.care);
  }
}

/** From the node's yes to its word that it runs with them. */
const anewMsMax = 90_000;

async function send(node, say) {
  const words = say.care;
  const { base, ...rest } = wish(say);
  put(node, { sending: true, sent: { text: words.sending } });
  try {
    await post(`/api/care/${node}/settings`, { base, ...rest });
    put(node, { sending: false });
    drop({ sent: { text: words.taken } });
  } catch (error) {
    put(node, { sending: false });
    const why = say.liveFaults[error.message] ?? error.message;
    return failed(
      node,
      Object.assign(error, {
        message: error.status === 409 && error.message !== 'changed-meanwhile' ? why : error.message,
      }),
      words,
    );
  }
  for (const until = Date.now() + anewMsMax; Date.now() < until && state.care?.node === node; ) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const told = await loadCare(node);
    if (told?.inForce && told.inForce.boot !== base) return put(node, { sent: { text: words.inForce } });
  }
}
