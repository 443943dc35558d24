// For a page that frames our embeds: makes each frame as high as what it shows.
// It listens to our own frames only, and takes from them nothing but a number.
(() => {
  "use strict";

  const OURS = new URL(document.currentScript.src).origin;

  addEventListener("message", (event) => {
    if (event.origin !== OURS || !event.data || event.data.type !== "kennisbank:height") return;
    const height = Math.round(Number(event.data.height));
    if (!(height > 0 && height < 100000)) return;
    for (const frame of document.querySelectorAll("iframe")) {
      if (frame.contentWindow === event.source) {
        frame.style.setProperty("height", `${height}px`, "important");
      }
    }
  });
})();
