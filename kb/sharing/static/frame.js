// In a frame: reports how high the page is, and keeps links and searching useful in a sandbox.
// docs/embedding.md describes the messages; those with a `secret` are WordPress's protocol.
(() => {
  "use strict";

  if (parent === window) return;
  const PATIENCE = 1500; // milliseconds for the page around us to follow a link
  const box = document.getElementById("address");
  const input = box.querySelector("input");
  let reported = 0;

  // The word by which WordPress recognises this frame; it may arrive after the page.
  const secret = () => /secret=(\w+)/.exec(location.hash)?.[1];

  function tellWordPress(message, value) {
    if (secret()) parent.postMessage({ message, value, secret: secret() }, "*");
  }

  function report() {
    reported = Math.ceil(document.body.getBoundingClientRect().height);
    parent.postMessage({ type: "kennisbank:height", height: reported }, "*");
    tellWordPress("height", reported);
  }

  function reportChange() {
    if (Math.ceil(document.body.getBoundingClientRect().height) !== reported) report();
  }

  // A link in a picture has objects for its properties; its attributes are texts as elsewhere.
  const addressOf = (link) => new URL(link.getAttribute("href"), location);

  // Where a link cannot be followed, its address can be copied.
  function showAddress(link) {
    const item = link.closest("li");
    if (item) item.append(box);
    else link.closest("main > *").after(box);
    box.hidden = false;
    input.value = addressOf(link).href;
    input.focus();
    input.select();
  }

  function openOutside(link) {
    const address = addressOf(link);
    if (secret() && address.host === location.host) {
      tellWordPress("link", address.href);
      setTimeout(showAddress, PATIENCE, link);
      return;
    }
    const tab = open(address.href, "_blank"); // null where the sandbox allows no windows
    if (!tab) return showAddress(link);
    try {
      tab.opener = null;
    } catch {
      // it is on its own already
    }
  }

  // A sandbox without `allow-forms` stops a form before its submit event.
  function search(form) {
    location.assign(`${form.action}?${new URLSearchParams(new FormData(form))}${location.hash}`);
  }

  document.addEventListener("click", (event) => {
    if (event.button || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const element = event.target.closest("a[href], form button");
    if (!element) return;
    if (element.form) {
      event.preventDefault();
      search(element.form);
    } else if (element.getAttribute("target") === "_blank") {
      event.preventDefault();
      openOutside(element);
    } else if (!element.hash) {
      element.hash = location.hash; // the next page must be recognised too
    }
  });
  addEventListener("message", (event) => {
    const { message, secret: word } = event.data || {};
    if (event.source === parent && message === "ready" && word === secret()) report();
  });
  addEventListener("hashchange", report);
  addEventListener("load", report); // a frame that is out of sight gets no observations
  report();
  new ResizeObserver(reportChange).observe(document.body);
})();
