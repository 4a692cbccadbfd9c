// The audit log, read-only: who did what, newest first.
import { html } from './html.js';
import { ask, change, state } from './state.js';
import { dateOf, timeOfDay } from './time.js';

export function Journal({ say }) {
  const { journal } = state;
  if (journal === undefined) {
    state.journal = null;
    ask('/api/audit?count=300').then(
      ({ lines }) => change({ journal: lines }),
      () => undefined,
    );
  }
  return html`
    <section class="sheet">
      <div class="section-head"><h2>${say.nav.journal}</h2><button type="button" class="more" onClick=${() => change({ journal: undefined })}>${say.reload}</button></div>
      <table>
        <thead><tr><th scope="col">#</th><th scope="col">${say.time}</th><th scope="col">${say.who}</th><th scope="col">${say.did}</th><th scope="col">${say.toWhat}</th><th scope="col">${say.reason}</th></tr></thead>
        <tbody>
          ${(journal ?? []).map(
            ({ n, atMs, actor, action, subject, reason, details }) =>
              html`<tr key=${n}><td class="num">${n}</td><td><time>${timeOfDay(atMs)} ${dateOf(atMs)}</time></td><td>${actor}</td><td>${say.actions[action] ?? action}</td><td>${subject}</td><td>${[
                reason,
                ...Object.entries(details ?? {})
                  .filter(([, value]) => value !== null && value !== '')
                  .map(([name, value]) => `${name}: ${value}`),
              ]
                .filter(Boolean)
                .join(' · ')}</td></tr>`,
          )}
        </tbody>
      </table>
    </section>
  `;
}
