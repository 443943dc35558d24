// What was typed and not saved yet, in the storage of this browser: it outlives the page, the
// session and the connection. It goes when the server has it.

const LEFT_OUT = new Set(["csrf", "do"]);
const OURS = new Set(["etag", "base", "end"]);
const SOON = 300; // milliseconds

export class Store {
  constructor(form) {
    this.form = form;
    this.key = `kennisbank.form.${form.dataset.key}`;
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
    try {
      localStorage.removeItem(this.key);
    } catch {
      // this browser keeps nothing
    }
  }

  // What was kept and says something else than this page; null when there is no such thing.
  found() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key));
    } catch {
      return null;
    }
    if (!kept || !Array.isArray(kept.entries)) return null;
    const isDone = kept.isSent && new URLSearchParams(location.search).has("done");
    const lists = [...this.form.querySelectorAll("[data-list]")].map((each) => each.dataset.list);
    const isHere = written(kept.entries, lists) === written(this.entries(), lists);
    if (!isDone && !isHere) return kept;
    if (!this.form.dataset.typed) this.forget();
    return null;
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
