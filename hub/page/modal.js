// What lies over everything else: it has the keyboard to itself until it is closed; then the focus is where it was before.
import { html } from './html.js';

const opened = (dialog) => {
  dialog.showModal();
  return () => dialog.close();
};

/** Escape closes it in the browser itself; taken off the page it closes too, and nobody need be told. */
export const Modal = ({ name, label, close, onClick, children }) => html`
  <dialog class=${`veil ${name}`} aria-label=${label} ref=${opened} onClose=${(closed) => closed.target.isConnected && close()} onClick=${onClick}>${children}</dialog>
`;
