// The shopper's own picture: chosen, dropped or pasted; made small before it leaves the machine, kept for this tab.

const SIDE = 640; // pixels: more than any encoder reads
const KEY = "duomo.picture.";

/** A small JPEG of a picture file, upright, without what the camera wrote into it (place, time). Null: no picture. */
async function small(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff"; // what is transparent is white, as in the shop
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.imageSmoothingQuality = "high";
    brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", 0.92);
  } catch {
    return null;
  }
}

/** Keep a picture; its name for the address, or "" if the file is no picture. */
export async function keep(file) {
  const uri = await small(file);
  if (!uri) return "";
  const name = Date.now().toString(36);
  try {
    sessionStorage.setItem(KEY + name, uri);
  } catch {
    sessionStorage.clear(); // full: older pictures go
    sessionStorage.setItem(KEY + name, uri);
  }
  return name;
}

/** The picture of this name as a data URI, "" where this tab does not have it. */
export const kept = (name) => (name && sessionStorage.getItem(KEY + name)) || "";

/** A data URI as a file to send. */
export function blob(uri) {
  const bytes = atob(uri.slice(uri.indexOf(",") + 1));
  return new Blob([Uint8Array.from(bytes, (char) => char.charCodeAt(0))], { type: "image/jpeg" });
}

/** Call take(file) for every picture that is chosen, dropped on the page or pasted. */
export function watch(input, curtain, take) {
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = "";
  });
  document.addEventListener("paste", (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith("image/"));
    if (file) {
      event.preventDefault();
      take(file);
    }
  });
  let depth = 0; // dragenter and dragleave come for every element on the way
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const show = (by) => {
    depth = by ? Math.max(0, depth + by) : 0;
    curtain.hidden = depth === 0;
  };
  document.addEventListener("dragenter", (event) => carries(event) && show(1));
  document.addEventListener("dragleave", (event) => carries(event) && show(-1));
  document.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    show(0);
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}
