// Terms of vocabularies: what they mean beside the choice, and search in long lists, also by
// other names.

import { fill, texts } from "./form-texts.js";

const SHORT = 9; // terms that need no search
const schemes = JSON.parse(document.querySelector("script[data-terms]").textContent);
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
let number = 0;

export function prepareTerms(part) {
  for (const select of part.querySelectorAll("select[data-scheme]")) {
    explain(select);
    if (schemes[select.dataset.scheme].length > SHORT) searchable(select);
  }
  for (const ticks of part.querySelectorAll("fieldset.ticks")) {
    if (ticks.querySelectorAll("[data-choices] > li").length > SHORT) filterable(ticks);
  }
}

function explain(select) {
  const place = document.createElement("p");
  place.className = "hint definition";
  place.lang = "nl";
  place.id = `d.${select.name}`;
  select.after(place);
  select.setAttribute("aria-describedby", `${select.getAttribute("aria-describedby")} ${place.id}`);
  const show = () => {
    const term = schemes[select.dataset.scheme].find((each) => each.id === select.value);
    place.textContent = term ? term.definition : "";
  };
  select.addEventListener("change", show);
  show();
}

// How well a term meets what was typed: by its label, another name, or what it means.
function rank(term, query) {
  const label = folded(term.label);
  if (label.startsWith(query)) return 4;
  if (label.includes(query)) return 3;
  if (otherName(term, query)) return 2;
  return query.length > 3 && folded(term.definition).includes(query) ? 1 : 0;
}

function otherName(term, query) {
  return query && term.names.find((each) => each !== term.label && folded(each).includes(query));
}

function matches(scheme, text) {
  const query = folded(text.trim());
  if (!query) return schemes[scheme];
  const ranked = schemes[scheme].map((term) => [rank(term, query), term]);
  return ranked.filter(([r]) => r).sort(([a], [b]) => b - a).map(([, term]) => term);
}

// A field to search in, in place of a long list; the list stays what is sent (WAI-ARIA combobox).
function searchable(select) {
  const id = select.id;
  const field = document.createElement("input");
  const list = document.createElement("ul");
  const box = document.createElement("div");
  box.className = "combobox";
  list.id = `list-${(number += 1)}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", select.labels[0]?.textContent.trim() || "");
  list.hidden = true;
  for (const [name, value] of Object.entries({
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: texts.search,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-describedby": select.getAttribute("aria-describedby"),
  })) field.setAttribute(name, value);
  select.id = `${id}.value`;
  field.id = id;
  select.hidden = true;
  select.before(box);
  box.append(field, list);
  let options = [];
  let active = -1;

  const label = () => (select.value ? select.selectedOptions[0].textContent : "");
  const close = () => {
    list.hidden = true;
    active = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (id) => {
    select.value = id;
    field.value = label();
    close();
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const point = (index) => {
    active = (index + options.length) % options.length;
    for (const [place, each] of [...list.children].entries()) {
      each.setAttribute("aria-selected", String(place === active));
    }
    field.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const open = (text) => {
    options = matches(select.dataset.scheme, text);
    list.replaceChildren(...options.map((term, index) => option(term, text, `${list.id}-${index}`)));
    if (!options.length) list.replaceChildren(nothing());
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.removeAttribute("aria-activedescendant");
    active = -1;
  };

  field.value = label();
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // nothing is chosen yet
    open(field.value);
  });
  field.addEventListener("click", () => list.hidden && open(""));
  field.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      if (list.hidden) open("");
      if (options.length) point(active < 0 && steps[event.key] < 0 ? -1 : active + steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault(); // it chooses, and never sends the form
      if (!list.hidden && options.length) choose(options[Math.max(0, active)].id);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      field.value = label();
      close();
    }
  });
  field.addEventListener("blur", () => {
    const text = folded(field.value.trim());
    const exact = schemes[select.dataset.scheme].find((each) => folded(each.label) === text);
    if (!text && select.value) choose("");
    else if (exact && exact.id !== select.value) choose(exact.id);
    field.value = label();
    close();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const item = event.target.closest("[data-id]");
    if (item) choose(item.dataset.id);
  });
  select.addEventListener("change", () => (field.value = label()));
}

function nothing() {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.setAttribute("aria-disabled", "true");
  item.textContent = texts.nothing;
  return item;
}

function option(term, text, id) {
  const item = document.createElement("li");
  item.id = id;
  item.dataset.id = term.id;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  const name = document.createElement("span");
  name.textContent = term.label;
  item.append(name);
  const other = otherName(term, folded(text.trim()));
  const about = document.createElement("small");
  about.textContent = other ? `${other} · ${term.definition}` : term.definition;
  item.append(about);
  return item;
}

function filterable(ticks) {
  const scheme = schemes[ticks.dataset.scheme];
  const field = document.createElement("input");
  const count = document.createElement("p");
  field.type = "search";
  field.className = "filter";
  field.setAttribute("aria-label", `${ticks.querySelector("legend").textContent.trim()}: ${texts.search}`);
  field.placeholder = texts.search;
  count.className = "hint";
  count.setAttribute("role", "status");
  const list = ticks.querySelector("[data-choices]");
  list.before(field, count);
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  field.addEventListener("input", (event) => {
    event.stopPropagation();
    const query = folded(field.value.trim());
    let shown = 0;
    for (const item of list.children) {
      const box = item.querySelector("input");
      const term = scheme?.find((each) => each.id === box.value);
      const meets = !query || (term ? rank(term, query) > 0 : folded(item.textContent).includes(query));
      item.hidden = !meets && !box.checked;
      item.classList.toggle("met", Boolean(query) && meets);
      shown += meets ? 1 : 0;
    }
    count.textContent = query ? fill("matches", { number: shown, total: list.children.length }) : "";
  });
}
