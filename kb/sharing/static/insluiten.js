// /insluiten with a script: what comes of a choice shows at once, and lines can be copied.
(() => {
  "use strict";

  const form = document.getElementById("choices");
  const said = document.getElementById("said");
  let asked = null;
  let timer = 0;

  function showCopying() {
    for (const button of document.querySelectorAll("button[data-copies]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
        said.textContent = button.dataset.done;
      });
    }
  }

  async function renew() {
    const told = [...new FormData(form)].filter(([, value]) => String(value).trim());
    const address = `${form.action}?${new URLSearchParams(told)}`;
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) return; // a year that is being typed, say
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("outcome").replaceWith(document.adoptNode(page.getElementById("outcome")));
      history.replaceState(history.state, "", address);
      said.textContent = "";
      showCopying();
    } catch {
      // another choice came first, or nobody answered: the button is still there
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(renew, 300);
  });
  showCopying();
})();
