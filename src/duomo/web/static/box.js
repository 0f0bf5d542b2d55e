// A box drawn on a picture: with a mouse, a finger or the arrow keys. Its numbers are shares of the picture.

const LEAST = 0.05; // of the picture's width and height; less is a slip of the finger
const STEP = 0.02; // of an arrow key
const SETTLED = 500; // milliseconds after the last arrow key

/** "x,y,w,h" as numbers, null where the text names no box. */
export function parsed(text) {
  const numbers = text.split(",").map(Number);
  return numbers.length === 4 && numbers.every(Number.isFinite) && numbers[2] > 0 && numbers[3] > 0 ? numbers : null;
}

export const written = (box) => box.map((share) => Number(share.toFixed(4))).join(",");

/** Draws boxes on `photo`, shows them in `frame`; take(text) is called with each that is done. */
export function drawing(photo, frame, take) {
  let box = null;
  let drag = null; // {at, from, kind} while a pointer is down
  let waiting = 0;

  function show(next) {
    box = next;
    frame.hidden = !box;
    if (!box) return;
    const [x, y, w, h] = box.map((share) => `${100 * share}%`);
    Object.assign(frame.style, { left: x, top: y, width: w, height: h });
  }

  const place = (event) => {
    const { left, top, width, height } = photo.getBoundingClientRect();
    return [held((event.clientX - left) / width), held((event.clientY - top) / height)];
  };

  photo.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    photo.setPointerCapture(event.pointerId);
    const kind = event.target.closest(".corner") ? "size" : event.target === frame ? "move" : "draw";
    drag = { at: place(event), from: box, kind };
  });
  photo.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = place(event);
    const [x0, y0] = drag.at;
    if (drag.kind === "draw") show([Math.min(x, x0), Math.min(y, y0), Math.abs(x - x0), Math.abs(y - y0)]);
    else if (drag.kind === "move") show(moved(drag.from, x - x0, y - y0));
    else show(sized(drag.from, x - x0, y - y0));
  });
  const end = (event) => {
    if (!drag) return;
    const { from } = drag;
    drag = null;
    if (event.type === "pointercancel" || !box || box[2] < LEAST || box[3] < LEAST) show(from);
    else if (written(box) !== (from && written(from))) take(written(box));
  };
  photo.addEventListener("pointerup", end);
  photo.addEventListener("pointercancel", end);
  frame.addEventListener("keydown", (event) => {
    const [x, y] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key] ?? [];
    if (x === undefined) return;
    event.preventDefault();
    show(event.shiftKey ? sized(box, x, y) : moved(box, x, y));
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      waiting = 0;
      take(written(box));
    }, SETTLED);
  });
  return (next) => {
    if (drag || (next && waiting)) return; // an answer to an earlier question: it must not undo what is being done
    clearTimeout(waiting);
    waiting = 0;
    show(next);
  };
}

const held = (share, most = 1) => Math.min(Math.max(share, 0), Math.max(most, 0));
const moved = ([x, y, w, h], right, down) => [held(x + right, 1 - w), held(y + down, 1 - h), w, h];
const sized = ([x, y, w, h], wider, higher) => [x, y, Math.max(held(w + wider, 1 - x), LEAST), Math.max(held(h + higher, 1 - y), LEAST)];
