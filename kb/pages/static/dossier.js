// The dossier of this browser: what was saved, in which order, with whose own notes. Nothing of it
// is sent. Without this, “Save in dossier” is a link to a dossier with that one thing.
"use strict";

(() => {
  const CHOICE = "kennisbank.dossier";
  const NOTES = "kennisbank.dossier.notes";
  const MOST = 50;
  const ITEM = /^(case|pitfall|finding|study|question|ingredient):[a-z0-9]+(-{1,2}[a-z0-9]+)*$/;
  const head = document.querySelector("[data-dossier]");
  if (!head || !canSave()) return;
  const page = document.querySelector("[data-choice]");

  function canSave() {
    try {
      localStorage.setItem(`${CHOICE}.try`, "1");
      localStorage.removeItem(`${CHOICE}.try`);
      return true;
    } catch {
      return false;
    }
  }

  function parsed(key, otherwise) {
    try {
      return JSON.parse(localStorage.getItem(key)) || otherwise;
    } catch {
      return otherwise;
    }
  }

  function saved() {
    const items = parsed(CHOICE, []);
    return Array.isArray(items) ? items.filter((each) => ITEM.test(each)).slice(0, MOST) : [];
  }

  function save(items) {
    try {
      localStorage.setItem(CHOICE, JSON.stringify(items));
      document.querySelector("[data-dossier-notice]").hidden = true;
    } catch {
      // there is no room: what was saved stays
    }
    show();
  }

  function itemsOf(address) {
    const named = new URL(address, location.href).searchParams.getAll("item");
    return named.flatMap((each) => each.split(",")).filter((each) => ITEM.test(each));
  }

  function addressOf(items) {
    const address = new URL(head.dataset.dossier, location.href);
    const rest = [...address.searchParams].map(([name, value]) => `${name}=${value}`);
    const query = [...items.map((each) => `item=${each}`), ...rest].join("&");
    return query ? `${address.pathname}?${query}` : address.pathname;
  }

  // What the page says of what is saved: in its head, and beside each thing.
  function show() {
    const items = saved();
    const count = head.querySelector("[data-count]");
    count.hidden = !items.length;
    count.firstElementChild.textContent = String(items.length);
    head.href = addressOf(items);
    for (const link of document.querySelectorAll("a[data-item]")) {
      const isSaved = items.includes(link.dataset.item);
      link.setAttribute("role", "button");
      link.setAttribute("aria-pressed", String(isSaved));
      link.firstChild.data = isSaved ? head.dataset.saved : head.dataset.save;
    }
  }

  function toggle(item) {
    const items = saved();
    if (items.includes(item)) save(items.filter((each) => each !== item));
    else if (items.length < MOST) save([...items, item]);
    else sayFull();
  }

  // Said anew each time, also to who only hears it.
  function sayFull() {
    const notice = document.querySelector("[data-dossier-notice]");
    notice.textContent = "";
    notice.hidden = false;
    setTimeout(() => (notice.textContent = head.dataset.full), 50);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-item]");
    const plain = !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || event.button !== 0 || !plain) return;
    event.preventDefault();
    toggle(link.dataset.item);
  });
  document.addEventListener("keydown", (event) => {
    const link = event.key === " " && event.target.closest("a[data-item]");
    if (!link) return;
    event.preventDefault();
    toggle(link.dataset.item);
  });
  addEventListener("storage", show); // another window of this browser
  addEventListener("pageshow", show); // and after “back”
  const results = document.getElementById("results");
  if (results) new MutationObserver(show).observe(results.parentElement, { childList: true });
  show();
  if (page) openPage();

  // The page of a dossier: whose it is, how it changes, and the notes.
  function openPage() {
    const shown = page.dataset.choice.split(" ").filter(Boolean);
    const moved = JSON.parse(page.dataset.moved);
    const own = [...new Set(saved().map((each) => moved[each] || each))];
    if (!shown.length && own.length && !new URL(location.href).searchParams.has("q")) {
      location.replace(addressOf(own));
      return;
    }
    for (const each of page.querySelectorAll("[data-without-script]")) each.hidden = true;
    const isOwn = shown.join() === own.join();
    if (isOwn && own.join() !== saved().join()) save(own);
    if (isOwn || !own.length) keepWithAddress();
    if (shown.length && !isOwn) offer(shown, own);
    if (shown.length) prepare(isOwn);
    page.querySelectorAll("[data-note]").forEach(write);
  }

  // What is changed here is changed in what is saved.
  function keepWithAddress() {
    page.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-edit]");
      if (link) save(itemsOf(link.href));
    });
  }

  function offer(shown, own) {
    const notice = page.querySelector("[data-other-dossier]");
    const joined = [...new Set([...own, ...shown])].slice(0, MOST);
    const go = (items) => {
      save(items);
      location.assign(addressOf(items));
    };
    notice.querySelector("[data-take]").addEventListener("click", () => go(shown));
    notice.querySelector("[data-join]").addEventListener("click", () => go(joined));
    notice.querySelector("[data-join]").hidden = !own.length;
    notice.querySelector("[data-mine]").hidden = !own.length;
    notice.querySelector("[data-mine]").href = addressOf(own);
    notice.hidden = false;
  }

  function prepare(isOwn) {
    for (const each of page.querySelectorAll("[data-with-script]")) each.hidden = false;
    const print = page.querySelector("[data-print]");
    if (print) {
      print.hidden = false;
      print.addEventListener("click", () => window.print());
    }
    const clear = page.querySelector("[data-clear]");
    if (!clear || !isOwn) return;
    clear.hidden = false;
    clear.addEventListener("click", () => {
      if (!confirm(clear.dataset.question)) return;
      localStorage.removeItem(NOTES);
      save([]);
      location.assign(addressOf([]));
    });
  }

  function write(place) {
    const area = place.querySelector("textarea");
    const onPaper = place.querySelector(".note-on-paper");
    const item = place.dataset.note;
    const text = parsed(NOTES, {})[item];
    area.value = typeof text === "string" ? text : "";
    onPaper.textContent = area.value;
    place.hidden = false;
    area.addEventListener("input", () => {
      const { [item]: _, ...notes } = parsed(NOTES, {});
      if (area.value) notes[item] = area.value;
      onPaper.textContent = area.value;
      try {
        localStorage.setItem(NOTES, JSON.stringify(notes));
      } catch {
        // there is no room
      }
    });
  }
})();
