// <kennisbank-zoek>: search results of the knowledge base inside any page, in its style.
// No dependency, no eval, no inline style and no HTML from text. docs/embedding.md tells how.
(() => {
  "use strict";

  const FILTERS = [
    "kind", "strategy", "ingredient", "ingredientMatch", "targetGroup", "municipality",
    "province", "country", "scale", "status", "partyRole", "archetype", "startYearFrom",
    "startYearTo", "effectDomain", "effectLevel", "effectDirection", "evidence",
    "pitfallCategory", "phase",
  ];
  const PARTS = ["search", "count", "facts", "summary", "why", "more"]; // the source always shows
  const KEYS = "title,summary,place,startYear,endYear,match,_links";
  const LICENCE = "https://creativecommons.org/licenses/by/4.0/deed.";
  const WAIT = 250; // milliseconds after the last letter
  const PATIENCE = 10000; // milliseconds for an answer
  const TEXTS = {
    nl: {
      label: "Zoek praktijkvoorbeelden",
      search: "Zoeken",
      found: (n) => (n === 1 ? "1 praktijkvoorbeeld gevonden" : `${n} praktijkvoorbeelden gevonden`),
      dropped: (words) => `, zonder te letten op: ${words}`,
      corrected: (words) => `, gezocht is naar: ${words}`,
      nothing: "Niets gevonden. Probeer andere woorden of minder filters.",
      busy: "Bezig met zoeken…",
      more: "Toon meer",
      down: "De kennisbank is nu niet bereikbaar. Probeer het later opnieuw.",
      preparing: "Zoeken wordt voorbereid. Probeer het over een minuut opnieuw.",
      refused: "Deze zoekvraag kan niet worden beantwoord:",
      again: "Opnieuw proberen",
      site: "Naar de kennisbank",
      source: "Bron:",
      name: "Kennisbank gemengde wijken",
      since: "sinds",
    },
    en: {
      label: "Search case studies",
      search: "Search",
      found: (n) => (n === 1 ? "1 case found" : `${n} cases found`),
      dropped: (words) => `, leaving out: ${words}`,
      corrected: (words) => `, searched for: ${words}`,
      nothing: "Nothing found. Try other words or fewer filters.",
      busy: "Searching…",
      more: "Show more",
      down: "The knowledge base cannot be reached now. Please try again later.",
      preparing: "Search is being prepared. Please try again in a minute.",
      refused: "This search cannot be answered:",
      again: "Try again",
      site: "To the knowledge base",
      source: "Source:",
      name: "Knowledge base on mixed neighbourhoods",
      since: "since",
    },
  };
  const SHEET = new CSSStyleSheet();
  SHEET.replaceSync(`
    :host {
      all: initial !important;
      display: block !important;
      direction: ltr !important;
      unicode-bidi: isolate !important;
      color-scheme: light !important;
      font-family: var(--kb-font, inherit) !important;
      font-size: var(--kb-font-size, max(1rem, 16px)) !important;
      line-height: 1.5 !important;
      color: var(--kb-ink, light-dark(#1d2430, #e8ecf2)) !important;
      background: var(--kb-paper, light-dark(#fff, #14181f)) !important;
      overflow-wrap: anywhere !important;
    }
    :host([look="dark"]) { color-scheme: dark !important; }
    :host([look="auto"]) { color-scheme: light dark !important; }
    :host([hidden]), [hidden] { display: none !important; }
    * { box-sizing: border-box; }
    .frame { padding: var(--kb-gap, 1em); }
    h1, h2, h3, h4, h5, h6 { margin: 0; font-size: 1.1em; line-height: 1.3; }
    p, ul { margin: .4em 0 0; padding: 0; list-style: none; }
    a, summary { color: var(--kb-accent, light-dark(#0b5c4a, #7fd6bd)); }
    label.words { display: block; font-weight: 600; }
    .row { display: flex; flex-wrap: wrap; gap: .5em; margin-top: .3em; }
    input, button { font: inherit; color: inherit; border-radius: var(--kb-radius, .3em); }
    input[type="search"] {
      flex: 1 1 12em; min-width: 0; padding: .5em .6em; background: transparent;
      border: 1px solid var(--kb-line, light-dark(#6b7480, #8d97a5));
    }
    button {
      padding: .5em 1em; border: 1px solid transparent; cursor: pointer; font-weight: 600;
      color: var(--kb-on-accent, light-dark(#fff, #14181f));
      background: var(--kb-accent, light-dark(#0b5c4a, #7fd6bd));
    }
    :focus-visible { outline: 3px solid var(--kb-accent, light-dark(#0b5c4a, #7fd6bd)); outline-offset: 2px; }
    details { margin-top: .5em; }
    summary { cursor: pointer; padding: .2em 0; }
    details label { display: block; padding: .2em 0; }
    input[type="checkbox"] { width: 1.2em; height: 1.2em; margin: 0 .5em 0 0; vertical-align: -.2em; }
    li { padding: .9em 0; border-bottom: 1px solid var(--kb-line, light-dark(#d5dae1, #3a4350)); }
    .facts, .why, .source { font-size: .9em; color: var(--kb-muted, light-dark(#4c5665, #b3bcc8)); }
    bdi { unicode-bidi: isolate; }
    mark { color: inherit; font-weight: 600; background: var(--kb-mark, light-dark(#fdeeb5, #5a4a00)); }
    .more { margin-top: 1em; }
  `);
  const SCRIPT = document.currentScript ? document.currentScript.src : "";
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const words = (text) => (text || "").split(/[\s,]+/).filter(Boolean);

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  // A text in its own direction, with the words that were met marked; ranges count code points.
  function told(text, ranges = []) {
    const letters = Array.from(text);
    const whole = make("bdi", { dir: "auto", lang: "nl" });
    let at = 0;
    for (const [start, end] of ranges) {
      whole.append(letters.slice(at, start).join(""), make("mark", { part: "mark" }, letters.slice(start, end).join("")));
      at = end;
    }
    whole.append(letters.slice(at).join(""));
    return whole;
  }

  class KennisbankZoek extends HTMLElement {
    static observedAttributes = [
      ...FILTERS.map(kebab), "q", "sort", "page-size", "lang", "show", "facets", "label",
      "heading-level", "server", "url-state",
    ];

    #shadow = this.attachShadow({ mode: "open" });
    #asked = null; // the AbortController of the question that is on its way
    #timer = 0;
    #stale = false;
    #page = 1;
    #chosen = new Map(); // what the reader ticked, by filter
    #groups = new Map(); // the facets as they are shown
    #seen = {}; // the elements that change

    connectedCallback() {
      this.#shadow.adoptedStyleSheets = [SHEET];
      this.#rebuild();
    }

    disconnectedCallback() {
      clearTimeout(this.#timer);
      this.#asked?.abort();
    }

    attributeChangedCallback() {
      if (!this.isConnected || this.#stale) return;
      this.#stale = true; // several attributes that change together ask once
      queueMicrotask(() => {
        this.#stale = false;
        if (this.isConnected) this.#rebuild();
      });
    }

    get #language() {
      const spoken = this.closest("[lang]")?.getAttribute("lang") || "nl";
      return spoken.toLowerCase().startsWith("en") ? "en" : "nl";
    }

    get #texts() {
      return TEXTS[this.#language];
    }

    // The address of the knowledge base: where this script came from, unless it is told.
    get #server() {
      const given = this.getAttribute("server");
      return (given || SCRIPT.replace(/\/embed\/.*$/s, "")).replace(/\/$/, "");
    }

    #shows(part) {
      return !this.hasAttribute("show") || words(this.getAttribute("show")).includes(part);
    }

    get #facets() {
      return words(this.getAttribute("facets")).map(
        (name) => FILTERS.find((known) => name === known || name === kebab(known)) || name,
      );
    }

    get #prefix() {
      return this.hasAttribute("url-state") ? this.getAttribute("url-state") || "kb-" : null;
    }

    #rebuild() {
      const texts = this.#texts;
      const input = make("input", {
        type: "search", id: "q", part: "input", maxlength: "200", autocomplete: "off",
      });
      const form = make(
        "form", { part: "form", role: "search", hidden: this.#shows("search") ? null : "" },
        make("label", { for: "q", part: "label", class: "words" }, this.getAttribute("label") || texts.label),
        make("div", { class: "row" }, input, make("button", { part: "button" }, texts.search)),
      );
      const filters = make("div", { part: "filters" });
      const status = make("p", { part: "status", role: "status" });
      const trouble = make("p", { part: "trouble", hidden: "" });
      const list = make("ul", { part: "list", role: "list" });
      const more = make("button", { part: "more", class: "more", type: "button", hidden: "" }, texts.more);
      const site = make("a", { part: "source-link", href: `${this.#server}/` }, texts.name);
      const licence = make("a", { part: "licence", rel: "license", href: LICENCE + this.#language }, "CC BY 4.0");
      const source = make("p", { part: "source", class: "source" }, `${texts.source} `, site, " · ", licence);
      form.append(filters);
      this.#shadow.replaceChildren(
        make("div", { class: "frame", part: "frame", lang: this.#language }, form, status, trouble, list, more, source),
      );
      this.#seen = { input, filters, status, trouble, list, more };
      this.#groups.clear();
      input.value = this.getAttribute("q") || "";
      this.#chosen = new Map(this.#facets.map((name) => [name, new Set(this.#preset(name))]));
      this.#readAddress();
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#search();
      });
      input.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#search(), WAIT);
      });
      more.addEventListener("click", () => this.#search(true));
      this.#search();
    }

    #preset(name) {
      const text = this.getAttribute(kebab(name)) || "";
      return text.split("|").map((value) => value.trim()).filter(Boolean);
    }

    #readAddress() {
      if (this.#prefix === null) return;
      const given = new URL(location.href).searchParams;
      if (given.has(`${this.#prefix}q`)) this.#seen.input.value = given.get(`${this.#prefix}q`);
      for (const name of this.#facets) {
        const values = given.getAll(this.#prefix + name).filter(Boolean);
        if (values.length) this.#chosen.set(name, new Set(values));
      }
    }

    #writeAddress() {
      if (this.#prefix === null) return;
      const address = new URL(location.href);
      const set = (name, values) => {
        address.searchParams.delete(this.#prefix + name);
        for (const value of values) address.searchParams.append(this.#prefix + name, value);
      };
      set("q", [this.#seen.input.value.trim()].filter(Boolean));
      for (const [name, values] of this.#chosen) set(name, values);
      history.replaceState(history.state, "", address);
    }

    get #question() {
      const asked = new URLSearchParams({ lang: this.#language, page: this.#page, fields: KEYS });
      const typed = this.#seen.input.value.trim();
      if (typed) asked.set("q", typed);
      for (const name of FILTERS) {
        for (const value of this.#chosen.get(name) || this.#preset(name)) asked.append(name, value);
      }
      asked.set("pageSize", this.getAttribute("page-size") || "5");
      if (this.getAttribute("sort")) asked.set("sort", this.getAttribute("sort"));
      if (this.#facets.length) asked.set("facets", this.#facets.join());
      return `${this.#server}/v1/cases?${asked}`;
    }

    async #search(more = false) {
      clearTimeout(this.#timer);
      this.#asked?.abort();
      const asked = (this.#asked = new AbortController());
      this.#page = more ? this.#page + 1 : 1;
      let late = false;
      const alarm = setTimeout(() => {
        late = true;
        asked.abort();
      }, PATIENCE);
      this.#seen.list.setAttribute("aria-busy", "true");
      if (!this.#seen.list.childElementCount) this.#say(this.#texts.busy);
      try {
        const answer = await fetch(this.#question, {
          signal: asked.signal, credentials: "omit", headers: { Accept: "application/json" },
        });
        const body = await answer.json();
        if (asked.signal.aborted) return;
        if (answer.ok) this.#show(body, more);
        else this.#complain(answer.status, body, more);
      } catch {
        if (!asked.signal.aborted || late) this.#complain(0, null, more);
      } finally {
        clearTimeout(alarm);
        if (this.#asked === asked) this.#seen.list.removeAttribute("aria-busy");
      }
    }

    #say(text) {
      this.#seen.status.textContent = text;
    }

    #show(answer, more) {
      const texts = this.#texts;
      const total = answer.page.totalItems;
      const read = answer.query.interpretation;
      const items = answer.items.map((item) => this.#item(item));
      this.#seen.trouble.hidden = true;
      if (more) this.#seen.list.append(...items);
      else this.#seen.list.replaceChildren(...items);
      this.#seen.more.hidden = !this.#shows("more") || !answer._links.next;
      if (more) items[0]?.querySelector("a").focus();
      for (const [name, facet] of Object.entries(answer.facets)) this.#count(name, facet);
      let said = total ? texts.found(total) : texts.nothing;
      if (read?.corrected) said += texts.corrected(read.didYouMean);
      if (read?.dropped.length) said += texts.dropped(read.dropped.join(", "));
      this.#say(this.#shows("count") || !total ? said : "");
      this.#writeAddress();
    }

    #item(item) {
      const level = Math.min(6, Math.max(1, Number(this.getAttribute("heading-level")) || 3));
      const address = item._links.html?.href || `${this.#server}/casussen/${encodeURIComponent(item.id)}`;
      const link = make("a", { part: "link", href: address }, told(item.title));
      const shown = make("li", { part: "item" }, make(`h${level}`, { part: "title" }, link));
      const abroad = item.place.country !== "NL" && item.place.country;
      const where = [item.place.neighbourhood, item.place.municipality, abroad].filter(Boolean);
      const since = item.startYear && `${this.#texts.since} ${item.startYear}`;
      const years = item.startYear && item.endYear ? `${item.startYear}–${item.endYear}` : since;
      const facts = [...where, years].filter(Boolean);
      const [why] = (item.match?.snippets || []).filter((one) => !["title", "summary"].includes(one.field));
      if (this.#shows("facts") && facts.length) {
        const line = make("p", { part: "facts", class: "facts" });
        facts.forEach((fact, place) => line.append(place ? " · " : "", told(fact)));
        shown.append(line);
      }
      if (this.#shows("summary")) {
        const marked = item.match?.snippets.find((one) => one.field === "summary" && one.text === item.summary);
        shown.append(make("p", { part: "summary" }, told(item.summary, marked?.ranges)));
      }
      if (this.#shows("why") && why) {
        shown.append(make("p", { part: "why", class: "why" }, told(why.text, why.ranges)));
      }
      return shown;
    }

    // One facet: its boxes stay where they are, so that nobody loses the one they are at.
    #count(name, facet) {
      if (!this.#groups.has(name)) {
        const group = { element: make("details", { part: "filter" }), boxes: new Map() };
        group.element.open = facet.values.some((each) => each.selected);
        group.element.append(make("summary", { part: "filter-name" }, facet.label));
        this.#seen.filters.append(group.element);
        this.#groups.set(name, group);
      }
      const { element, boxes } = this.#groups.get(name);
      for (const each of facet.values) {
        if (!boxes.has(each.value)) boxes.set(each.value, this.#box(name, each, element));
        const box = boxes.get(each.value);
        box.count.textContent = ` (${each.count})`;
        box.input.checked = each.selected;
        box.label.hidden = !each.count && !each.selected && this.#shadow.activeElement !== box.input;
      }
    }

    #box(name, value, element) {
      const input = make("input", { type: "checkbox" });
      const count = make("span", {});
      const label = make("label", { part: "choice" }, input, told(value.label), count);
      input.addEventListener("change", () => {
        const chosen = this.#chosen.get(name);
        if (input.checked) chosen.add(value.value);
        else chosen.delete(value.value);
        this.#search();
      });
      element.append(label);
      return { input, label, count };
    }

    #complain(status, problem, more) {
      const texts = this.#texts;
      const again = make("button", { part: "again", type: "button" }, texts.again);
      const site = make("a", { href: `${this.#server}/zoeken` }, texts.site);
      const slips = (problem?.errors || []).map((each) => `${each.name}: ${each.detail}`);
      const said = slips.length ? `${texts.refused} ${slips.join(" ")}` : texts.down;
      again.addEventListener("click", () => this.#search());
      if (more) this.#page -= 1;
      else this.#seen.list.replaceChildren();
      this.#seen.more.hidden = !more;
      this.#say(status === 503 ? texts.preparing : said);
      this.#seen.trouble.replaceChildren(again, " ", site);
      this.#seen.trouble.hidden = false;
    }
  }

  if (!customElements.get("kennisbank-zoek")) customElements.define("kennisbank-zoek", KennisbankZoek);
})();
