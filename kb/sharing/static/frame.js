// In a frame: tells the page around it how high this page is. It tells nothing else.
(() => {
  "use strict";

  let told = 0;

  function tell() {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    parent.postMessage({ type: "kennisbank:height", height }, "*");
  }

  if (parent !== window) new ResizeObserver(tell).observe(document.body);
})();
