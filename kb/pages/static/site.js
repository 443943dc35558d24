// What pages do better with a script: suggestions while typing, and results without a new page.
// Without it every link and form works as it stands.
"use strict";

(() => {
  const PAUSE = 150; // milliseconds without a key before suggestions are asked
  const MOST = 8;
  const LONGEST = 500; // characters; for a longer text there are no suggestions
  const REJECTIONS = new URL("../v1/plan-check-rejections", document.currentScript.src).href;
  const SUGGESTIONS = new URL("../v1/suggestions", document.currentScript.src).href;

  // A search field that suggests, as the ARIA combobox pattern has it.
  function suggest(input) {
    const list = document.createElement("ul");
    list.id = "suggestions";
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.labels[0].textContent);
    list.hidden = true;
    const told = document.createElement("p");
    told.className = "out-of-sight";
    told.setAttribute("role", "status");
    const types = JSON.parse(input.dataset.types);
    const form = input.form;
    form.append(list, told);
    const attributes = {
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list.id,
    };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);

    let waiting = 0;
    let asking = null;
    let place = -1;

    function close() {
      clearTimeout(waiting);
      if (asking) asking.abort();
      list.hidden = true;
      list.replaceChildren();
      place = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function show(items) {
      close();
      told.textContent = input.dataset.found.replace("{n}", String(items.length));
      if (!items.length) return;
      items.forEach((item, number) => list.append(option(item, number)));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    }

    function option(item, number) {
      const row = document.createElement("li");
      row.id = `suggestion-${number}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-selected", "false");
      row.dataset.href = item._links.html.href;
      const text = document.createElement("span");
      text.dir = "auto";
      text.textContent = item.text;
      const kind = document.createElement("span");
      kind.textContent = types[item.type] || "";
      row.append(text, kind);
      return row;
    }

    function point(to) {
      const rows = list.children;
      if (!rows.length) return;
      if (place >= 0) rows[place].setAttribute("aria-selected", "false");
      place = (to + rows.length + 1) % (rows.length + 1);
      if (place === rows.length) {
        place = -1; // back in the field itself
        input.removeAttribute("aria-activedescendant");
        return;
      }
      rows[place].setAttribute("aria-selected", "true");
      rows[place].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", rows[place].id);
    }

    function follow(row) {
      const address = new URL(row.dataset.href);
      const language = form.elements.lang;
      if (language) address.searchParams.set("lang", language.value);
      location.assign(address);
    }

    async function ask() {
      const typed = input.value.trim();
      if (typed.length < 2 || typed.length > LONGEST) return close();
      if (asking) asking.abort();
      asking = new AbortController();
      const query = new URLSearchParams({ q: typed, pageSize: String(MOST) });
      query.set("lang", document.documentElement.lang);
      try {
        const answer = await fetch(`${SUGGESTIONS}?${query}`, { signal: asking.signal });
        if (answer.ok && document.activeElement === input) show((await answer.json()).items);
      } catch (error) {
        if (error.name !== "AbortError") close();
      }
    }

    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, PAUSE);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden) return void ask();
        event.preventDefault();
        const from = place < 0 && event.key === "ArrowUp" ? list.children.length : place;
        point(from + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && place >= 0) {
        event.preventDefault();
        follow(list.children[place]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        close();
      }
    });
    input.addEventListener("blur", close);
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the field keeps the focus
    });
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) follow(row);
    });
  }

  // Filters, orders and pages of a list, put in the place of the old results.
  function replaceResults() {
    let asking = null;

    async function load(address, { keep, focus }) {
      const old = document.getElementById("results");
      if (asking) asking.abort();
      asking = new AbortController();
      old.setAttribute("aria-busy", "true");
      try {
        const answer = await fetch(address, {
          signal: asking.signal,
          headers: { Accept: "text/html" },
        });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("results");
        if (!answer.ok || !fresh) return void location.assign(address);
        if (keep) history.pushState(null, "", address);
        document.title = page.title;
        keepOpen(old, fresh);
        keepTicked(old, fresh);
        old.replaceWith(fresh);
        renew(page);
        if (focus) place(focus);
      } catch (error) {
        if (error.name !== "AbortError") location.assign(address);
      }
    }

    // The form, the other language and the links of the head tell what is asked now.
    function renew(page) {
      for (const chosen of ["form.search", ".language"]) {
        const fresh = page.querySelector(chosen);
        const old = document.querySelector(chosen);
        if (chosen === "form.search") {
          const hidden = [...fresh.querySelectorAll("input[type=hidden]")];
          old.querySelectorAll("input[type=hidden]").forEach((each) => each.remove());
          old.append(...hidden);
          old.elements.q.value = fresh.elements.q.value;
        } else {
          old.href = fresh.href;
        }
      }
      document.head.querySelectorAll("link[rel=alternate]").forEach((each) => each.remove());
      document.head.append(...page.head.querySelectorAll("link[rel=alternate]"));
    }

    function keepOpen(old, fresh) {
      const before = old.querySelectorAll("details[data-filter]");
      for (const each of before) {
        const now = fresh.querySelector(`details[data-filter="${each.dataset.filter}"]`);
        if (now) now.open = each.open || now.open;
      }
    }

    // Cases that were ticked in results that are no longer shown stay in the form.
    function keepTicked(old, fresh) {
      const before = old.querySelector("#compare");
      const form = fresh.querySelector("#compare");
      if (!before || !form) return;
      for (const id of new FormData(before).getAll("case")) {
        const box = fresh.querySelector(`input[type=checkbox][value="${CSS.escape(id)}"]`);
        if (box) {
          box.checked = true;
        } else {
          const hidden = document.createElement("input");
          Object.assign(hidden, { type: "hidden", name: "case", value: id });
          form.append(hidden);
        }
      }
    }

    function place(focus) {
      const found = document.getElementById(focus) || document.getElementById("found");
      if (found) found.focus({ preventScroll: focus !== "found" });
    }

    document.addEventListener("click", (event) => {
      const link = event.target.closest("#results a[data-here]");
      const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
      if (!link || event.button !== 0 || !plain) return;
      event.preventDefault();
      load(link.getAttribute("href"), { keep: true, focus: link.id || "found" });
    });
    addEventListener("popstate", () => load(location.href, { keep: false, focus: "" }));
  }

  // “Not so” under a remark on a plan is counted without a new tab.
  function reject(form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const { rule, about } = Object.fromEntries(new FormData(form));
      fetch(REJECTIONS, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ rule, about }),
      })
        .then((answer) => {
          if (!answer.ok) throw new Error(answer.status);
          const thanks = document.createElement("p");
          thanks.className = "quiet";
          thanks.setAttribute("role", "status");
          thanks.tabIndex = -1;
          thanks.textContent = form.dataset.thanks;
          form.replaceWith(thanks);
          thanks.focus();
        })
        .catch(() => form.submit()); // as without a script
    });
  }

  // On paper a list tells on which day it was printed.
  function tellTheDay() {
    const written = new Date().toLocaleDateString(document.documentElement.lang, {
      dateStyle: "long",
    });
    document.querySelectorAll("[data-printed]").forEach((each) => {
      each.textContent = each.dataset.printed.replace("{day}", written);
    });
  }

  // Beside the results everything in the panel of filters is shown, in older browsers too.
  function openPanels() {
    if (CSS.supports("selector(::details-content)")) return;
    if (!matchMedia("(min-width: 60rem)").matches) return;
    document.querySelectorAll(".filter-panel").forEach((each) => (each.open = true));
  }

  openPanels();
  tellTheDay();
  addEventListener("beforeprint", tellTheDay);
  document.querySelectorAll("form.search input[type=search]").forEach(suggest);
  document.querySelectorAll("form[data-thanks]").forEach(reject);
  if (document.getElementById("results")) replaceResults();
})();
