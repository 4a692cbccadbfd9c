// From one picture of a film to the next. Cameras do not keep their rate, so no step is the right one: the browser tells when the picture that it shows
// begins (HTMLVideoElement.requestVideoFrameCallback; not again where a seek leads to the same picture), and the next one is felt for.

/** Shorter than a picture of any camera lasts (25 a second at most), s. */
const feelS = 0.02;
/** A film that stood still for longer has no next picture, s. */
const feelMaxS = 2;
/** Of one place; a film whose bytes do not come is not sought for ever, ms. */
const seekMsMax = 3000;

/** When the picture that is on the screen begins, s. */
const shown = new WeakMap();
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
  const from = shown.get(element) ?? element.currentTime;
  // A picture lasts until the next begins: the one before is shown just before this one's beginning.
  if (direction < 0) return await seek(element, Math.max(0, from - feelS / 4));
  for (let at = from + feelS; at < Math.min(element.duration, from + feelMaxS); at += feelS) {
    await seek(element, at);
    if (shown.get(element) !== from) return;
  }
}

/** Until the picture of that place is on the screen, and told of. */
async function seek(element, atS) {
  await new Promise((done) => {
    const timer = setTimeout(done, seekMsMax);
    const sought = () => {
      clearTimeout(timer);
      done();
    };
    element.addEventListener('seeked', sought, { once: true });
    element.currentTime = atS;
  });
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
}
