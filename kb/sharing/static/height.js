// For a page that frames our embeds: makes each frame as high as what it shows.
// It listens to our own frames only, and takes from them nothing but a number.
(() => {
  "use strict";

  // A module has no currentScript; the stack of an error names the file that runs.
  const SOURCE = document.currentScript?.src || /https?:[^\s()]+/.exec(new Error().stack)[0];
  const OURS = new URL(SOURCE).origin;

  // In a sandbox our frame has no origin of its own: then it is known by its address.
  const isOurs = (origin, frame) =>
    origin === OURS || (origin === "null" && frame.src.startsWith(`${OURS}/`));

  addEventListener("message", (event) => {
    if (event.data?.type !== "kennisbank:height") return;
    const height = Math.round(Number(event.data.height));
    if (!(height > 0 && height < 100000)) return;
    for (const frame of document.querySelectorAll("iframe")) {
      if (frame.contentWindow === event.source && isOurs(event.origin, frame)) {
        frame.style.setProperty("height", `${height}px`, "important");
      }
    }
  });
})();
