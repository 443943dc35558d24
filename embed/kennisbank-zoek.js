// <kennisbank-zoek> and <kennisbank-kaart>: search results and the map of the evidence of the
// knowledge base inside any page, in its style. No dependency, no eval, no style attribute and no HTML from text. docs/embedding.md tells how.
(() => {
  "use strict";

  if (typeof HTMLElement === "undefined") return; // imported on a server that renders pages

  const FILTERS = [
    "kind", "strategy", "ingredient", "ingredientMatch", "targetGroup", "municipality",
    "province", "country", "scale", "status", "partyRole", "archetype", "startYearFrom",
    "startYearTo", "effectDomain", "effectLevel", "effectDirection", "evidence", "outcome", "lane",
    "pitfallCategory", "phase", "theme",
  ];
  const NUMBERS = { pageSize: 5, headingLevel: 3 };
  const PROPERTIES = [
    ...FILTERS, ...Object.keys(NUMBERS), "q", "types", "sort", "show", "facets", "label", "server",
    "urlState", "look",
  ];
  const MAP_PROPERTIES = [
    ...FILTERS.filter((name) => !["effectDirection", "pitfallCategory", "phase", "theme"].includes(name)),
    "creditedIngredient", "ownerPitfallCategory", "rows", "columns", "order", "picture", "headingLevel",
    "server", "look",
  ];
  const SPACED = ["types", "sort", "show", "facets"]; // lists of words, not of names
  const KEYS = "title,summary,place,startYear,endYear,match,_links";
  const MORE_KEYS = `${KEYS},case,study,authors,year`; // of the other kinds
  const LICENCE = "https://creativecommons.org/licenses/by/4.0/deed.";
  const WAIT = 250; // milliseconds after the last letter
  const PATIENCE = 10000; // milliseconds for an answer
  const NARROW = 768; // pixels; up to there the map shows no picture
  const TEXTS = {
    nl: {
      label: "Zoek praktijkvoorbeelden",
      labelAll: "Zoek in de kennisbank",
      search: "Zoeken",
      cases: ["praktijkvoorbeeld gevonden", "praktijkvoorbeelden gevonden"],
      results: ["resultaat gevonden", "resultaten gevonden"],
      dropped: ", zonder te letten op: ",
      corrected: ", gezocht is naar: ",
      nothing: "Niets gevonden. Probeer andere woorden of minder filters.",
      busy: "Bezig met zoeken\u2026",
      more: "Toon meer",
      down: "De kennisbank is nu niet bereikbaar. Probeer het later opnieuw.",
      offline: "Je bent offline. Probeer het opnieuw als je weer verbinding hebt.",
      minute: "Het is nu te druk of zoeken wordt voorbereid. Probeer het over een minuut opnieuw.",
      refused: "Deze zoekvraag kan niet worden beantwoord:",
      nowhere: "Het adres van de kennisbank ontbreekt: zet het in het attribuut \"server\".",
      again: "Opnieuw proberen",
      site: "Naar de kennisbank",
      map: "Kaart van het bewijs",
      loading: "De kaart wordt geladen\u2026",
      noMap: "Deze kaart kan niet worden getoond:",
      source: "Bron:",
      name: "Kennisbank gemengde wijken",
      since: "sinds",
      types: {
        case: "Praktijkvoorbeeld", pitfall: "Valkuil", finding: "Bevinding", study: "Onderzoek",
        question: "Vraag", ingredient: "Werkzaam bestanddeel",
      },
    },
    en: {
      label: "Search case studies",
      labelAll: "Search the knowledge base",
      search: "Search",
      cases: ["case found", "cases found"],
      results: ["result found", "results found"],
      dropped: ", leaving out: ",
      corrected: ", searched for: ",
      nothing: "Nothing found. Try other words or fewer filters.",
      busy: "Searching\u2026",
      more: "Show more",
      down: "The knowledge base cannot be reached now. Please try again later.",
      offline: "You are offline. Please try again once you are connected.",
      minute: "It is too busy or search is being prepared. Please try again in a minute.",
      refused: "This search cannot be answered:",
      nowhere: "The address of the knowledge base is missing: put it in the attribute \"server\".",
      again: "Try again",
      site: "To the knowledge base",
      map: "Map of the evidence",
      loading: "Loading the map\u2026",
      noMap: "This map cannot be shown:",
      source: "Source:",
      name: "Knowledge base on mixed neighbourhoods",
      since: "since",
      types: {
        case: "Case", pitfall: "Pitfall", finding: "Finding", study: "Study",
        question: "Question", ingredient: "Active ingredient",
      },
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
    .frame { display: flex; flex-direction: column; padding: var(--kb-gap, 1em); }
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
    .more { align-self: start; margin-top: 1em; }
    .source { margin-top: auto; padding-top: .4em; }
    .blank { visibility: hidden; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  `);
  const MAP_SHEET = new CSSStyleSheet();
  MAP_SHEET.replaceSync(`
    .frame {
      --ink: var(--kb-ink, light-dark(#1d2430, #e8ecf2));
      --paper: var(--kb-paper, light-dark(#fff, #14181f));
      --accent: var(--kb-accent, light-dark(#0b5c4a, #7fd6bd));
      --line: var(--kb-line, light-dark(#d5dae1, #3a4350));
      --muted: var(--kb-muted, light-dark(#4c5665, #b3bcc8));
      --positive: var(--kb-positive, light-dark(#1c6b3c, #8fdba9));
      --mixed: var(--kb-mixed, light-dark(#7a5200, #f0cc7a));
      --negative: var(--kb-negative, light-dark(#a5341f, #ffb3a2));
    }
    .quiet, figcaption { font-size: .9em; color: var(--muted); }
    figure { margin: .8em 0; }
    .narrow figure { display: none; }
    .map-scroll { overflow-x: auto; }
    .directions { display: flex; flex-wrap: wrap; gap: .2em 1em; }
    .directions li { padding: 0; border: 0; }
    .key { width: .75em; height: .75em; }
    text { fill: var(--ink); font-size: 12.5px; }
    .clusters { font-size: 11px; text-anchor: end; }
    .rule, .hatch { stroke: var(--line); }
    rect { stroke: var(--paper); vector-effect: non-scaling-stroke; }
    .together { fill: url("#map-together"); }
    .credited { fill: transparent; stroke: var(--accent); stroke-width: 2px; }
    .positief { fill: var(--positive); }
    .gemengd { fill: url("#map-mixed"); }
    .geen-effect { fill: url("#map-none"); }
    .negatief { fill: url("#map-negative"); }
    .onduidelijk, .verdeeld { fill: var(--paper); stroke: var(--muted); }
    .ground-mixed, .ground-none { fill: var(--paper); }
    .ink-mixed { stroke: var(--mixed); stroke-width: 1.5; }
    .ink-none { stroke: var(--muted); }
    .ground-negative { fill: var(--negative); }
    .ink-negative { stroke: var(--paper); stroke-width: 1.25; }
    details { margin: 0; border-bottom: 1px solid var(--line); }
    summary { padding: .5em 0; color: inherit; }
    table { width: 100%; border-collapse: collapse; font-size: .95em; }
    .narrow table { table-layout: fixed; font-size: .875em; hyphens: auto; }
    .narrow th:first-child { width: 36%; }
    th, td { padding: .4em .75em .4em 0; border-top: 1px solid var(--line); text-align: start; vertical-align: top; }
    td > :first-child { margin-top: 0; }
  `);
  const COPIED_TAGS = new Set(
    ("section h1 h2 h3 h4 h5 h6 p a bdi strong span small ul li figure figcaption div details summary " +
      "table thead tbody tr th td svg defs pattern path rect text title").split(" "),
  );
  const COPIED_ATTRIBUTES = new Set(
    ("id class lang dir rel scope role tabindex aria-label aria-hidden focusable width height viewBox x y d " +
      "transform patternUnits").split(" "),
  );
  const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const words = (text) => (text || "").split(/[\s,|]+/).filter(Boolean);
  const same = (one, other) => [...one].join("\n") === [...other].join("\n");
  // A module has no currentScript; the stack of an error names the file that runs.
  const SCRIPT = document.currentScript?.src || new Error().stack || "";
  const HOME = /https?:\/\/[^\s()@]+?(?=\/embed\/(?:[\d.]+\/)?kennisbank\.js)/.exec(SCRIPT)?.[0] || "";

  function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  }

  const messageOf = (status, texts) => {
    if (!status && !navigator.onLine) return texts.offline;
    return status === 429 || status === 503 ? texts.minute : texts.down;
  };
  const languageOf = (element) => {
    const spoken = element.closest("[lang]")?.getAttribute("lang") || "nl";
    return spoken.toLowerCase().startsWith("en") ? "en" : "nl";
  };
  const serverOf = (element) => (element.getAttribute("server") || HOME).replace(/\/+$/, "");

  // What a framework set before the script was there becomes attributes.
  function takeEarly(element, names) {
    for (const name of names) {
      if (!Object.hasOwn(element, name)) continue;
      const value = element[name];
      delete element[name];
      element[name] = value;
    }
  }

  function heldBy(element) {
    const heights = [element, ...element.children].map((each) => each.getBoundingClientRect().height);
    return Math.max(...heights);
  }

  // What a server sent, made anew from tags and attributes that do nothing by themselves.
  function copied(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (!COPIED_TAGS.has(node.localName)) return "";
    const copy = document.createElementNS(node.namespaceURI, node.localName);
    for (const { name, value } of node.attributes) {
      if (COPIED_ATTRIBUTES.has(name) || (name === "href" && /^https?:/.test(value))) copy.setAttribute(name, value);
      if (name === "class") copy.setAttribute("part", value);
    }
    copy.append(...[...node.childNodes].map(copied));
    return copy;
  }

  // A text in its own direction, with the words that were met marked; ranges count code points.
  function marked(text, ranges = []) {
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
    static observedAttributes = [...PROPERTIES.slice(0, -1), "lang"].map(kebab);

    #shadow = this.attachShadow({ mode: "open" });
    #parts = {}; // the elements that change
    #held; // pixels that it took before the script was there
    #changed = new Set(); // attributes that are not taken over yet
    #isPlanned;
    #hasBegun;
    #isTyping; // whether the newest entry of the history is of words that are being typed
    #timer = 0;
    #request = null; // the newest one: address, controller, promise
    #shown = ""; // the address whose answer is shown
    #page = 1;
    #items = null; // of all pages that are shown; null before the first answer
    #choices = new Map(); // what is chosen, by facet
    #groups = new Map(); // the facets as they are shown

    constructor() {
      super();
      this.#held = heldBy(this);
      this.#shadow.adoptedStyleSheets = [SHEET];
      this.#build();
    }

    connectedCallback() {
      addEventListener("popstate", this.#goBack);
      this.#plan();
    }

    disconnectedCallback() {
      removeEventListener("popstate", this.#goBack);
      this.#stop();
    }

    attributeChangedCallback(name, before, after) {
      if (before === after) return;
      this.#changed.add(name);
      this.#plan();
    }

    // The promise has the answer; null when another search came in between, or it was prevented.
    search(typed) {
      this.#begin();
      if (typed !== undefined && typed !== null) this.#parts.input.value = typed;
      return this.#search("chosen");
    }

    get #language() {
      return languageOf(this);
    }

    get #texts() {
      return TEXTS[this.#language];
    }

    get #server() {
      return serverOf(this);
    }

    get #facets() {
      return words(this.getAttribute("facets")).map(
        (name) => FILTERS.find((known) => name === known || name === kebab(known)) || name,
      );
    }

    get #isOfCases() {
      const types = words(this.getAttribute("types"));
      return (!types.length || same(types, ["case"])) && !this.#facets.includes("type");
    }

    get #prefix() {
      return this.hasAttribute("url-state") ? this.getAttribute("url-state") || "kb-" : null;
    }

    #shows(part) {
      return !this.hasAttribute("show") || words(this.getAttribute("show")).includes(part);
    }

    #build() {
      const input = make("input", {
        type: "search", id: "q", part: "input", maxlength: "500", autocomplete: "off",
      });
      const label = make("label", { for: "q", part: "label", class: "words" });
      const button = make("button", { part: "button" });
      const filters = make("div", { part: "filters" });
      const form = make("form", { part: "form", role: "search" }, label, make("div", { class: "row" }, input, button), filters);
      const status = make("p", { part: "status", role: "status" });
      const trouble = make("p", { part: "trouble", hidden: "" });
      const list = make("ul", { part: "list", role: "list" });
      const more = make("button", { part: "more", class: "more", type: "button", hidden: "" });
      const source = make("p", { part: "source", class: "source" });
      const frame = make("div", { class: "frame", part: "frame" }, form, status, trouble, list, more, source);
      this.#shadow.append(frame);
      this.#parts = { frame, form, label, input, button, filters, status, trouble, list, more, source };
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.#quietly("chosen");
      });
      input.addEventListener("input", () => {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#quietly("typed"), WAIT);
      });
      more.addEventListener("click", () => this.#quietly("more", this.#page + 1));
      new IntersectionObserver(([seen]) => {
        if (!seen.isIntersecting) frame.style.minHeight = "";
      }).observe(this);
    }

    #plan() {
      if (this.#isPlanned || !this.isConnected) return;
      this.#isPlanned = true;
      queueMicrotask(() => {
        this.#isPlanned = false;
        if (this.isConnected) this.#refresh();
      });
    }

    #begin() {
      if (this.#hasBegun) return;
      this.#hasBegun = true;
      this.#changed = new Set(KennisbankZoek.observedAttributes);
      takeEarly(this, PROPERTIES);
      this.#takeOver();
      this.#settle(this.#held);
    }

    #takeOver() {
      const changed = this.#changed;
      this.#changed = new Set();
      if (changed.has("q")) this.#parts.input.value = this.getAttribute("q") || "";
      const facets = this.#facets;
      for (const name of this.#choices.keys()) if (!facets.includes(name)) this.#choices.delete(name);
      for (const name of facets) {
        const is = changed.has(name === "type" ? "types" : kebab(name));
        if (is || !this.#choices.has(name)) this.#choices.set(name, new Set(this.#preset(name)));
      }
      if (changed.has("url-state")) this.#readAddress();
      this.#draw();
    }

    #refresh() {
      this.#begin();
      if (this.#changed.size) this.#takeOver();
      this.#quietly("quiet");
    }

    #draw() {
      const texts = this.#texts;
      const { frame, form, label, button, filters, status, list, more, source } = this.#parts;
      frame.lang = this.#language;
      form.hidden = !this.#shows("search");
      label.textContent = this.getAttribute("label") || (this.#isOfCases ? texts.label : texts.labelAll);
      button.textContent = texts.search;
      more.textContent = texts.more;
      const site = make("a", { part: "source-link", href: `${this.#server}/` }, texts.name);
      const licence = make("a", { part: "licence", rel: "license", href: LICENCE + this.#language }, "CC BY 4.0");
      source.replaceChildren(`${texts.source} `, site, " \u00b7 ", licence);
      status.classList.toggle("unseen", !this.#shows("count"));
      if (!same(this.#groups.keys(), this.#facets)) {
        this.#groups = new Map(this.#facets.map((name) => [name, this.#group()]));
        filters.replaceChildren(...[...this.#groups.values()].map((group) => group.element));
      }
      if (this.#items) list.replaceChildren(...this.#items.map((item) => this.#item(item)));
      else list.replaceChildren(...this.#blanks());
    }

    // Items that nobody sees: they hold the place of the first answer, so that nothing moves.
    #blanks() {
      const text = "xxxxx ".repeat(30);
      const match = this.#parts.input.value.trim() && { snippets: [{ field: "x", text }] };
      const item = { title: text.slice(0, 40), summary: text, match, place: { municipality: "x" } };
      return Array.from({ length: Math.min(this.pageSize, 10) }, () => {
        const blank = this.#item(item);
        blank.className = "blank";
        blank.setAttribute("aria-hidden", "true");
        return blank;
      });
    }

    #preset(name) {
      if (name === "type") return words(this.getAttribute("types")).filter((type) => type !== "all");
      const text = this.getAttribute(kebab(name)) || "";
      return text.split("|").map((value) => value.trim()).filter(Boolean);
    }

    #filters() {
      const names = this.#isOfCases ? FILTERS : [...FILTERS, "type"];
      const pairs = names.map((name) => [name, [...(this.#choices.get(name) || this.#preset(name))]]);
      return Object.fromEntries(pairs.filter(([, values]) => values.length));
    }

    #question(page) {
      const query = new URLSearchParams({
        lang: this.#language, page, fields: this.#isOfCases ? KEYS : MORE_KEYS,
        pageSize: this.getAttribute("page-size") || "5",
      });
      const typed = this.#parts.input.value.trim();
      const sort = words(this.getAttribute("sort")).join();
      if (typed) query.set("q", typed);
      for (const [name, values] of Object.entries(this.#filters())) {
        for (const value of values) query.append(name, value);
      }
      if (sort) query.set("sort", sort);
      if (this.#facets.length) query.set("facets", this.#facets.join());
      return `${this.#server}/v1/${this.#isOfCases ? "cases" : "search"}?${query}`;
    }

    #readAddress(isBack) {
      const prefix = this.#prefix;
      if (prefix === null) return;
      const query = new URL(location.href).searchParams;
      const { input } = this.#parts;
      const q = query.get(`${prefix}q`);
      if (q !== null || isBack) input.value = q ?? (this.getAttribute("q") || "");
      for (const name of this.#facets) {
        const values = query.getAll(prefix + name);
        if (!values.length && isBack) values.push(...this.#preset(name));
        if (values.length || isBack) this.#choices.set(name, new Set(values.filter(Boolean)));
      }
    }

    // One entry of the history for each choice, and one for words while they are being typed.
    #writeAddress(cause) {
      const prefix = this.#prefix;
      if (prefix === null || cause === "quiet" || cause === "more") return;
      const address = new URL(location.href);
      const write = (name, values, preset) => {
        address.searchParams.delete(prefix + name);
        if (same(values, preset)) return;
        for (const value of values.length ? values : [""]) address.searchParams.append(prefix + name, value);
      };
      write("q", [this.#parts.input.value.trim()], [(this.getAttribute("q") || "").trim()]);
      for (const [name, values] of this.#choices) write(name, [...values], this.#preset(name));
      const replaces = this.#isTyping && cause === "typed";
      this.#isTyping = cause === "typed";
      if (address.href === location.href) return;
      try {
        history[replaces ? "replaceState" : "pushState"](history.state, "", address);
      } catch {
        // a page without an address of its own
      }
    }

    #goBack = () => {
      if (this.#prefix === null || !this.#hasBegun) return;
      clearTimeout(this.#timer);
      this.#isTyping = false;
      this.#readAddress(true);
      this.#quietly("quiet");
    };

    #fire(name, detail, cancelable = true) {
      return this.dispatchEvent(
        new CustomEvent(`kennisbank:${name}`, { detail, cancelable, bubbles: true, composed: true }),
      );
    }

    #stop() {
      clearTimeout(this.#timer);
      const request = this.#request;
      this.#request = null;
      request?.controller.abort();
      this.#parts.list.removeAttribute("aria-busy");
    }

    #quietly(cause, page) {
      this.#search(cause, page).catch(() => {}); // the reader sees what was wrong
    }

    #search(cause, page = 1) {
      const address = this.#question(page);
      if (this.#request?.address === address) return this.#request.promise;
      const detail = { q: this.#parts.input.value.trim(), filters: this.#filters(), page, address };
      const isNew = cause === "chosen" || address !== this.#shown;
      this.#stop();
      if (isNew && !this.#fire("search", detail)) return Promise.resolve(null);
      this.#writeAddress(cause);
      if (!isNew) return Promise.resolve(null);
      const request = { address, controller: new AbortController() };
      this.#request = request;
      request.promise = this.#load(request, page);
      return request.promise;
    }

    async #load(request, page) {
      const { list, status } = this.#parts;
      const texts = this.#texts;
      let response, body;
      list.setAttribute("aria-busy", "true");
      if (!this.#items?.length) status.textContent = texts.busy;
      const alarm = setTimeout(() => request.controller.abort(), PATIENCE);
      try {
        if (this.#server) {
          response = await fetch(request.address, {
            signal: request.controller.signal, credentials: "omit", headers: { Accept: "application/json" },
          });
          body = await response.json();
        }
      } catch {
        // no answer, or none in JSON
      }
      clearTimeout(alarm);
      if (this.#request !== request) return null; // another search came in between
      this.#request = null;
      list.removeAttribute("aria-busy");
      if (response?.ok && body?.items) {
        this.#accept(body, page, request.address);
        return body;
      }
      const error = new Error(this.#trouble(response?.status, body));
      Object.assign(error, { status: response?.status || 0, problem: body || null });
      this.#complain(error, page);
      throw error;
    }

    #accept(answer, page, address) {
      const texts = this.#texts;
      const { frame, list, more, status, trouble } = this.#parts;
      const before = frame.offsetHeight;
      const total = answer.page.totalItems;
      const { corrected, didYouMean, dropped } = answer.query.interpretation || {};
      const isOurs = this.#fire("results", answer); // else the page shows them itself
      const items = isOurs ? answer.items : [];
      const elements = items.map((item) => this.#item(item));
      this.#items = page > 1 ? [...(this.#items || []), ...items] : items;
      this.#page = page;
      this.#shown = page > 1 ? this.#shown : address;
      trouble.hidden = true;
      if (page > 1) list.append(...elements);
      else list.replaceChildren(...elements);
      more.hidden = !isOurs || !this.#shows("more") || !answer._links.next;
      if (page > 1) elements[0]?.querySelector("a").focus();
      for (const [name, facet] of Object.entries(answer.facets)) this.#count(name, facet);
      const [one, many] = this.#isOfCases ? texts.cases : texts.results;
      let line = total ? `${total} ${total === 1 ? one : many}` : texts.nothing;
      if (corrected) line += texts.corrected + didYouMean;
      if (dropped?.length) line += texts.dropped + dropped.join(", ");
      status.classList.toggle("unseen", !this.#shows("count") && total > 0);
      status.textContent = isOurs ? line : "";
      this.#settle(before);
    }

    // What becomes lower keeps its place as far as the window reaches, so that nothing moves.
    #settle(before) {
      const { frame, source } = this.#parts;
      frame.style.minHeight = "";
      const { top, bottom } = frame.getBoundingClientRect();
      const end = bottom - source.getBoundingClientRect().top;
      const needed = Math.min(before, innerHeight - top + end);
      if (needed > frame.offsetHeight) frame.style.minHeight = `${needed}px`;
    }

    #item(item) {
      const texts = this.#texts;
      const level = Math.min(6, Math.max(1, this.headingLevel));
      const href = item._links?.html?.href;
      const link = make("a", { part: "link", href }, marked(item.title));
      const element = make("li", { part: "item" }, make(`h${level}`, { part: "title" }, link));
      const place = item.place || {};
      const since = item.startYear && `${texts.since} ${item.startYear}`;
      const facts = [
        !this.#isOfCases && (texts.types[item.type] || "x"),
        place.neighbourhood, place.municipality, place.country !== "NL" && place.country,
        item.startYear && item.endYear ? `${item.startYear}\u2013${item.endYear}` : since,
        (item.case || item.study)?.title, item.authors?.join(", "), item.year && String(item.year),
      ].filter(Boolean);
      const snippets = item.match?.snippets || [];
      const why = snippets.find((one) => !["title", "summary"].includes(one.field));
      link.addEventListener("click", (event) => {
        if (!this.#fire("select", { item, href })) event.preventDefault();
      });
      if (this.#shows("facts") && facts.length) {
        const line = make("p", { part: "facts", class: "facts" });
        facts.forEach((fact, at) => line.append(at ? " \u00b7 " : "", marked(fact)));
        element.append(line);
      }
      if (this.#shows("summary") && item.summary) {
        const met = snippets.find((one) => one.field === "summary" && one.text === item.summary);
        element.append(make("p", { part: "summary" }, marked(item.summary, met?.ranges)));
      }
      if (this.#shows("why") && why) {
        element.append(make("p", { part: "why", class: "why" }, marked(why.text, why.ranges)));
      }
      return element;
    }

    #group() {
      const name = make("summary", { part: "filter-name" }, "\u00a0");
      return { name, element: make("details", { part: "filter", class: "blank" }, name), boxes: new Map() };
    }

    // The boxes stay where they are, so that nobody loses the one they are at.
    #count(name, facet) {
      const group = this.#groups.get(name);
      if (!group) return;
      const { element, boxes } = group;
      group.name.textContent = facet.label;
      if (element.className) element.open = facet.values.some((each) => each.selected);
      element.removeAttribute("class");
      for (const each of facet.values) {
        if (!boxes.has(each.value)) boxes.set(each.value, this.#box(name, each, element));
        const box = boxes.get(each.value);
        box.text.textContent = each.label;
        box.count.textContent = ` (${each.count})`;
        box.input.checked = each.selected;
        box.label.hidden = !each.count && !each.selected && this.#shadow.activeElement !== box.input;
      }
    }

    #box(name, value, element) {
      const input = make("input", { type: "checkbox" });
      const count = make("span", {});
      const text = marked(value.label);
      const label = make("label", { part: "choice" }, input, text, count);
      input.addEventListener("change", () => {
        const chosen = this.#choices.get(name);
        if (input.checked) chosen.add(value.value);
        else chosen.delete(value.value);
        this.#quietly("chosen");
      });
      element.append(label);
      return { input, label, text, count };
    }

    #trouble(status, problem) {
      const texts = this.#texts;
      const mistakes = (problem?.errors || []).map((each) => `${each.name}: ${each.detail}`);
      if (!this.#server) return texts.nowhere;
      if (mistakes.length) return `${texts.refused} ${mistakes.join(" ")}`;
      return messageOf(status, texts);
    }

    #complain(error, page) {
      const texts = this.#texts;
      const { frame, list, more, status, trouble } = this.#parts;
      const before = frame.offsetHeight;
      const again = make("button", { part: "again", type: "button" }, texts.again);
      const site = make("a", { href: `${this.#server}/zoeken` }, texts.site);
      again.addEventListener("click", () => this.#quietly("quiet", page));
      if (page === 1) {
        this.#items = [];
        this.#shown = "";
        list.replaceChildren();
      }
      more.hidden = page === 1;
      status.classList.remove("unseen");
      status.textContent = error.message;
      trouble.replaceChildren(...(this.#server ? [again, " ", site] : []));
      trouble.hidden = !this.#server;
      this.#settle(before);
      this.#fire("error", { status: error.status, problem: error.problem, message: error.message }, false);
      if (!this.#server) console.error("kennisbank-zoek:", error.message);
    }
  }

  class KennisbankKaart extends HTMLElement {
    static observedAttributes = [...MAP_PROPERTIES.slice(0, -1), "lang"].map(kebab);

    #shadow = this.attachShadow({ mode: "open" });
    #status = make("p", { part: "status", role: "status" });
    #trouble = make("p", { part: "trouble", hidden: "" });
    #map = make("div", { part: "map" });
    #isPlanned;
    #request = null; // the newest one: address, xhr
    #shown = ""; // the address of what is shown

    constructor() {
      super();
      const frame = make("div", { class: "frame", part: "frame" }, this.#status, this.#trouble, this.#map);
      frame.style.minHeight = `${heldBy(this)}px`;
      this.#shadow.adoptedStyleSheets = [SHEET, MAP_SHEET];
      this.#shadow.append(frame);
      new IntersectionObserver(([seen]) => {
        if (!seen.isIntersecting) frame.style.minHeight = "";
      }).observe(this);
      new ResizeObserver(() => frame.classList.toggle("narrow", frame.clientWidth <= NARROW)).observe(this);
    }

    connectedCallback() {
      takeEarly(this, MAP_PROPERTIES);
      this.#plan();
    }

    disconnectedCallback() {
      this.#stop();
    }

    attributeChangedCallback(_name, before, after) {
      if (before !== after) this.#plan();
    }

    #plan() {
      if (this.#isPlanned || !this.isConnected) return;
      this.#isPlanned = true;
      queueMicrotask(() => {
        this.#isPlanned = false;
        if (this.isConnected) this.#load();
      });
    }

    #stop() {
      const request = this.#request;
      this.#request = null;
      request?.xhr.abort();
    }

    #query() {
      const query = new URLSearchParams({ lang: languageOf(this) });
      for (const name of MAP_PROPERTIES.slice(0, -2)) {
        const values = (this.getAttribute(kebab(name)) || "").split("|").map((value) => value.trim());
        for (const value of values) if (value) query.append(name, value);
      }
      return query;
    }

    // A document that is asked for as one runs no script, and needs no HTML from a text.
    #load() {
      const query = this.#query();
      query.set("fragment", "1");
      if (!query.has("picture")) query.set("picture", "1");
      const address = `${serverOf(this)}/embed/kaart-van-het-bewijs?${query}`;
      if (address === (this.#request?.address || this.#shown)) return;
      this.#stop();
      const xhr = new XMLHttpRequest();
      const request = { address, xhr };
      this.#request = request;
      xhr.onloadend = () => {
        if (this.#request === request) this.#finish(xhr, address);
      };
      xhr.open("GET", address);
      xhr.responseType = "document";
      xhr.timeout = PATIENCE;
      xhr.setRequestHeader("Accept", "text/html");
      if (!this.#shown) this.#status.textContent = TEXTS[languageOf(this)].loading;
      this.#map.setAttribute("aria-busy", "true");
      if (serverOf(this)) xhr.send();
      else this.#finish(xhr, address);
    }

    #finish(xhr, address) {
      const section = xhr.response?.querySelector("body > section");
      this.#request = null;
      this.#map.removeAttribute("aria-busy");
      if (section && xhr.status === 200) {
        this.#shown = address;
        this.#map.replaceChildren(copied(section));
        this.#status.textContent = "";
        this.#trouble.hidden = true;
      } else {
        this.#complain(xhr.status, xhr.status === 400 && section);
      }
    }

    #complain(status, section) {
      const texts = TEXTS[languageOf(this)];
      const again = make("button", { part: "again", type: "button" }, texts.again);
      const page = `${serverOf(this)}/kaart-van-het-bewijs?${this.#query()}`;
      const message = serverOf(this) ? messageOf(status, texts) : texts.nowhere;
      again.addEventListener("click", () => this.#load());
      this.#shown = "";
      this.#map.replaceChildren(section ? copied(section) : "");
      this.#status.textContent = section ? texts.noMap : message;
      this.#trouble.replaceChildren(again, " ", make("a", { href: page }, texts.map));
      this.#trouble.hidden = !serverOf(this);
      this.dispatchEvent(new CustomEvent("kennisbank:error", {
        detail: { status, problem: null, message: section ? section.textContent.trim() : message },
        bubbles: true, composed: true,
      }));
      if (!serverOf(this)) console.error("kennisbank-kaart:", message);
    }
  }

  // Properties reflect the attributes; a list of values may be an array.
  const reflect = (names, { prototype }) => names.forEach((name) => {
    const attribute = kebab(name);
    Object.defineProperty(prototype, name, {
      enumerable: true,
      get() {
        const value = this.getAttribute(attribute);
        return name in NUMBERS ? Number(value) || NUMBERS[name] : value;
      },
      set(value) {
        const text = Array.isArray(value) ? value.join(SPACED.includes(name) ? " " : "|") : value;
        if (text === null || text === undefined || text === false) this.removeAttribute(attribute);
        else this.setAttribute(attribute, text === true ? "" : text);
      },
    });
  });
  reflect(PROPERTIES, KennisbankZoek);
  reflect(MAP_PROPERTIES, KennisbankKaart);

  for (const [name, element] of [["kennisbank-zoek", KennisbankZoek], ["kennisbank-kaart", KennisbankKaart]]) {
    if (!customElements.get(name)) customElements.define(name, element);
  }
})();
