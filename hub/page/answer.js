// Taking on: how it was answered, why it was false, one line of note. 1 to 5, a line, Enter.
import { html } from './html.js';
import { can, change, drawNow, post, rowKey, state } from './state.js';

const outcomes = ['sent', 'fire-114', 'superior', 'false', 'seen'];
const reasons = ['animal', 'weather', 'light', 'vehicle', 'daily-life', 'device', 'test', 'other'];
/** An alarm is answered for; an event may simply have been looked at. */
const open = (outcome, row) => outcome !== 'seen' || row.level !== 'alarm';

export function Answer({ row, say, done }) {
  if (!can('acknowledge')) return null;
  const { outcome, reason, fault, fromMs, toMs } = answerOf(row);
  const isReady = outcome !== undefined && (outcome !== 'false' || reason !== undefined);
  const send = async (event) => {
    event.preventDefault();
    if (!isReady) return;
    const note = new FormData(event.target).get('note');
    try {
      await post('/api/acks', { node: row.node, fromMs, toMs, outcome, reason, note });
      done();
    } catch (error) {
      if (error.status === 409) return done();
      change({ answer: { ...state.answer, fault: say.notSaved } });
    }
  };
  return html`
    <form key=${rowKey(row)} class="answer" onSubmit=${send}>
      <div class="choices" role="group" aria-label=${say.outcome}>
        ${outcomes.map(
          (each, index) =>
            open(each, row) &&
            html`
            <button key=${each} type="button" class=${`choice ${each}`} aria-pressed=${String(each === outcome)} onClick=${() => chooseOutcome(each, row)}>
              <kbd>${index + 1}</kbd>${say.outcomes[each]}
            </button>
          `,
        )}
      </div>
      ${
        outcome === 'false' &&
        html`
        <div class="choices reasons" role="group" aria-label=${say.whyFalse}>
          <span class="quiet">${say.whyFalse}</span>
          ${reasons.map(
            (each, index) => html`
            <button key=${each} type="button" class="choice" aria-pressed=${String(each === reason)} onClick=${() => chooseReason(each, row)}><kbd>${index + 1}</kbd>${say.falseReasons[each]}</button>
          `,
          )}
        </div>
      `
      }
      ${
        outcome !== undefined &&
        html`
        <div class="send">
          <label><span class="unseen">${say.note}</span><input name="note" id="note" maxlength="300" placeholder=${`${say.note}: ${say.notePlaceholder}`} autocomplete="off" onKeyDown=${(pressed) => pressed.key === 'Escape' && change({ answer: undefined })} /></label>
          <button class="primary" disabled=${!isReady}>${say.save} <kbd>Enter</kbd></button>
          <button type="button" onClick=${() => change({ answer: undefined })}>${say.cancel}</button>
        </div>
      `
      }
      ${fault && html`<p class="door-fault" role="alert">${fault}</p>`}
    </form>
  `;
}

/** What was chosen for this row. */
const answerOf = (row) => (state.answer?.key === rowKey(row) ? state.answer : {});
/** Answered is what the row held when its answer was begun: what comes while a note is being written nobody has seen. */
const scopeOf = (row) => {
  const { fromMs, toMs } = { ...row, ...answerOf(row) };
  return { key: rowKey(row), fromMs, toMs };
};

/** At once: who types on is writing the note, and means no key of the queue. */
function toNote() {
  drawNow();
  document.getElementById('note')?.focus();
}

function chooseOutcome(outcome, row) {
  change({ answer: { ...scopeOf(row), outcome } });
  if (outcome !== 'false') toNote();
}
function chooseReason(reason, row) {
  change({ answer: { ...scopeOf(row), outcome: 'false', reason } });
  toNote();
}

/** True when the key was one of these. */
export function answerKeys(pressed, row) {
  if (!can('acknowledge')) return false;
  const { outcome, reason } = answerOf(row);
  if (pressed.key === 'Escape' && outcome !== undefined) {
    change({ answer: undefined });
    return true;
  }
  const index = Number(pressed.key) - 1;
  if (!/^[1-8]$/.test(pressed.key)) return false;
  pressed.preventDefault();
  if (outcome === 'false' && reason === undefined) chooseReason(reasons[index], row);
  else if (index < outcomes.length && open(outcomes[index], row)) chooseOutcome(outcomes[index], row);
  return true;
}
