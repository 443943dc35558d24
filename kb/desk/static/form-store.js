// What was typed and not saved yet, in the storage of this browser: it outlives the page, the
// session and the connection. It goes when the server has it. Each opened page has a place of its
// own there, so that two tabs with one form leave each other's text alone.

const LEFT_OUT = new Set(["csrf", "do"]);
const OURS = new Set(["etag", "base", "end"]);
const SOON = 300; // milliseconds

export class Store {
  constructor(form) {
    this.form = form;
    this.prefix = `kennisbank.form.${form.dataset.key}`;
    this.key = `${this.prefix}#${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
    this.same = new Set([this.key]); // places whose text this page shows
    this.isFull = false;
    this.timer = 0;
  }

  entries() {
    const data = new FormData(this.form);
    return [...data].filter(([name, value]) => !LEFT_OUT.has(name) && typeof value === "string");
  }

  keepSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), SOON);
  }

  // `isSent`: the page is left by sending the form.
  keep(isSent = false) {
    clearTimeout(this.timer);
    const kept = { at: new Date().toISOString(), isSent, entries: this.entries() };
    try {
      localStorage.setItem(this.key, JSON.stringify(kept));
      this.isFull = false;
    } catch {
      this.isFull = true;
    }
  }

  forget() {
    clearTimeout(this.timer);
    this.same.forEach(drop);
  }

  // The newest that was kept and says something else than this page; null without such a thing.
  found() {
    const isDone = new URLSearchParams(location.search).has("done");
    const lists = [...this.form.querySelectorAll("[data-list]")].map((each) => each.dataset.list);
    const here = written(this.entries(), lists);
    const others = [];
    for (const kept of this.stored()) {
      if ((kept.isSent && isDone) || written(kept.entries, lists) === here) this.same.add(kept.key);
      else others.push(kept);
    }
    if (!this.form.dataset.typed) this.forget();
    return others.sort((one, other) => (one.at < other.at ? 1 : -1))[0] || null;
  }

  // What pages with this form have kept.
  stored() {
    const all = [];
    try {
      for (const key of Object.keys(localStorage)) {
        if (key !== this.prefix && !key.startsWith(`${this.prefix}#`)) continue;
        const kept = JSON.parse(localStorage.getItem(key));
        if (Array.isArray(kept?.entries)) all.push({ ...kept, key });
      }
    } catch {
      // this browser keeps nothing
    }
    return all;
  }

  // Have the server show the form with it.
  restore(kept) {
    const sent = document.createElement("form");
    Object.assign(sent, { method: "post", action: this.form.action, enctype: "multipart/form-data" });
    const csrf = ["csrf", this.form.elements.csrf.value];
    for (const [name, value] of [...kept.entries, csrf, ["do", "show"]]) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value });
      sent.append(field);
    }
    sent.hidden = true;
    document.body.append(sent);
    sent.submit();
  }
}

export function drop(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // this browser keeps nothing
  }
}

// What people wrote in a form, whatever its items are called: an item goes by its place.
function written(entries, lists) {
  const tokens = new Map(lists.map((name) => [name, []]));
  for (const [name, value] of entries) tokens.get(name)?.push(value);
  const placed = (name) => {
    const [list, token, ...keys] = name.split(".");
    return keys.length ? [list, tokens.get(list)?.indexOf(token), ...keys].join(".") : name;
  };
  const plain = (name, value) => {
    const place = name.endsWith(".source") ? (tokens.get("sources") || []).indexOf(value) : -1;
    return place < 0 ? value.replace(/\r\n/g, "\n").trim() : String(place);
  };
  return JSON.stringify(
    entries
      .filter(([name]) => !OURS.has(name) && !tokens.has(name) && !name.endsWith("._"))
      .map(([name, value]) => [placed(name), plain(name, value)])
      .filter(([, value]) => value),
  );
}
