// From one picture of a film to the next. Cameras do not keep their rate, so no fixed time leads there: the hub tells when the pictures begin, and the browser
// which of them is on the screen (HTMLVideoElement.requestVideoFrameCallback).
import { ask } from './state.js';

/** Of one place; a film whose bytes do not come is not sought for ever, ms. */
const seekMsMax = 3000;

/** When the picture that is on the screen begins, s; by film. */
const shown = new WeakMap();
/** Where the last step led, and when the picture there begins, s; by film. The screen of a busy machine comes after it. */
const led = new WeakMap();
/** When the pictures around the last one that was asked for begin, s; by film. */
const starts = new WeakMap();
/** What is pressed while a step goes on comes after it. */
let steps = Promise.resolve();
let waiting = 0;

/** For a film that is loaded, before it is stepped through. */
export function watchPictures(element) {
  const told = (_, { mediaTime }) => {
    shown.set(element, mediaTime);
    element.requestVideoFrameCallback(told);
  };
  element.requestVideoFrameCallback(told);
}

/** Shows the picture before (-1) or after (1). A key that is held does not run ahead of the pictures. */
export function stepFrame(element, direction, isHeld = false) {
  element.pause();
  if (isHeld && waiting > 0) return;
  waiting += 1;
  steps = steps.then(() => step(element, direction)).finally(() => (waiting -= 1));
}

async function step(element, direction) {
  const at = standsAt(element);
  const to = nextTo(starts.get(element), at, direction) ?? nextTo(await startsAround(element, at), at, direction);
  if (to === undefined) return;
  await seek(element, to.place);
  led.set(element, to);
}

/** When the picture that it stands at begins. */
function standsAt(element) {
  const last = led.get(element);
  if (last !== undefined && Math.abs(last.place - element.currentTime) < 0.001) return last.begins;
  return shown.get(element) ?? element.currentTime;
}

async function startsAround(element, at) {
  const [, , , node, boot, file] = element.getAttribute('src').split('/');
  const answer = await ask(`/api/pictures/${node}/${boot}/${Number.parseInt(file, 10)}?around=${at}`).catch(
    () => undefined,
  );
  if (answer !== undefined) starts.set(element, answer.starts);
  return answer?.starts;
}

/** The picture before or after the one that begins at `at`, and a place in it that is not its edge: a browser rounds. */
function nextTo(known, at, direction) {
  const now = known?.findLastIndex((start) => start <= at + 0.001) ?? -1;
  const begins = known?.[now + direction];
  if (now === -1 || begins === undefined) return undefined;
  return { begins, place: begins + Math.min(((known[now + direction + 1] ?? begins + 0.02) - begins) / 2, 0.01) };
}

/** Until the film is there. */
async function seek(element, place) {
  await new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      element.removeEventListener('seeked', end);
      done();
    };
    const timer = setTimeout(end, seekMsMax);
    element.addEventListener('seeked', end);
    element.currentTime = place;
  });
}
