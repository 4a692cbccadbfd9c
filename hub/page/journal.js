// The audit log, read-only: who did what, newest first, in words.
import { html } from './html.js';
import { ask, change, state, titleOf } from './state.js';
import { dateOf, shortTime, timeOfDay } from './time.js';
import { actionWords } from './words.js';

export function Journal({ say }) {
  const { journal } = state;
  if (journal === undefined) {
    state.journal = null;
    void load([]);
  }
  // Numbers go down to 0 without a gap.
  const isMore = (journal?.at(-1)?.n ?? 0) > 0;
  return html`
    <section class="sheet">
      <div class="section-head"><h2>${say.nav.journal}</h2><button type="button" class="more" onClick=${() => change({ journal: undefined })}>${say.reload}</button></div>
      <table class="journal">
        <thead><tr><th scope="col">#</th><th scope="col">${say.time}</th><th scope="col">${say.who}</th><th scope="col">${say.did}</th><th scope="col">${say.toWhat}</th><th scope="col">${say.reason}</th></tr></thead>
        <tbody>
          ${(journal ?? []).map(
            ({ n, atMs, actor, action, subject, reason, details }) =>
              html`<tr key=${n}><td class="num">${n}</td><td class="num"><time>${timeOfDay(atMs)}</time> <small>${dateOf(atMs)}</small></td><td>${actorWords(actor, say)}</td><td>${actionWords(action, state.language)}</td><td>${subjectWords(subject, say)}</td><td>${[reason, ...detailWords(details ?? {}, say)].filter(Boolean).join(' · ')}</td></tr>`,
          )}
        </tbody>
      </table>
      ${isMore && html`<button type="button" class="more" onClick=${() => load(journal)}>${say.more}</button>`}
    </section>
  `;
}

async function load(known) {
  const was = state.journal;
  const before = known.length === 0 ? '' : `&before=${known.at(-1).n}`;
  const told = await ask(`/api/audit?count=300${before}`).catch(() => undefined);
  // Pressed twice, or read anew meanwhile: then these lines stand there, or have no place.
  if (told !== undefined && state.journal === was) change({ journal: [...known, ...told.lines] });
}

/** `officer:an`: the account, and what it was. */
function actorWords(actor, say) {
  const [role, name] = actor.split(':');
  return name === undefined
    ? (say.actors[actor] ?? actor)
    : html`${name} <small>${say.roles[role] ?? say.actors[role] ?? role}</small>`;
}

/** `node mat-01`, `clip mat-01/000001.5f3c/10`: what it is, and of which node. */
function subjectWords(subject, say) {
  const [kind, what = ''] = subject.split(' ');
  const [node, ...rest] = what.split('/');
  const name = [titleOf(node), ...rest].filter(Boolean).join(' / ');
  // A node's title says itself what it is.
  return [kind === 'node' ? '' : (say.subjects[kind] ?? kind), name].filter(Boolean).join(' ');
}

function detailWords(details, say) {
  const told = Object.entries(details).filter(
    ([name, value]) => value !== null && value !== '' && value !== false && name !== 'first' && name !== 'sha256',
  );
  return told.map(([name, value]) => {
    const { [name]: label = name } = say.details;
    const words = valueWords(name, value, say);
    return words === true ? label : `${label}: ${words}`;
  });
}

function valueWords(name, value, say) {
  if (typeof value === 'number' && !Number.isInteger(value))
    return value.toLocaleString(state.language, { maximumFractionDigits: 3 });
  if (/Ms$/.test(name)) return `${shortTime(value)} ${dateOf(value)}`;
  if (name === 'outcome') return say.outcomes[value] ?? value;
  if (name === 'why') return say.falseReasons[value] ?? value;
  if (name === 'nodes' && typeof value === 'string') return value.split(', ').map(titleOf).join(', ');
  if (name === 'role') return say.roles[value] ?? value;
  if (name === 'name' || name === 'command') return say.commands[value] ?? value;
  return say.detailValues[value] ?? value;
}
