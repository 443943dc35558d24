// Items of lists: added, moved, removed and put back, also by keyboard; and what others pick of
// them: the sources of findings, and the ingredients that a source credits.

import { fill, texts } from "./form-texts.js";

let last = 0; // the number of the newest item

export function prepareBlocks(form, { changed, prepare, announce }) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !form.contains(button)) return;
    if (button.dataset.add) act(event, () => add(button.dataset.add, button.dataset.term));
    else if (button.dataset.move) act(event, () => move(button));
    else if ("remove" in button.dataset) act(event, () => remove(button));
  });
  form.addEventListener("input", (event) => {
    const block = event.target.closest("[data-block]");
    if (block) summarise(block);
    share(event.target.name || "");
  });
  form.addEventListener("change", (event) => {
    const block = event.target.closest("[data-block]");
    if (block) summarise(block);
    share(event.target.name || "");
  });

  function act(event, action) {
    event.preventDefault();
    action();
    changed();
  }

  function add(name, term) {
    const list = form.querySelector(`[data-list="${name}"]`);
    const token = `n${Date.now().toString(36)}${(last += 1)}`;
    const html = list.querySelector(`template[data-new="${name}"]`).innerHTML;
    const holder = document.createElement("ol");
    holder.innerHTML = html.replaceAll(`${name}.__`, `${name}.${token}`).replaceAll('"__"', `"${token}"`);
    const block = holder.firstElementChild;
    list.querySelector("[data-items]").append(block);
    if (term) block.querySelector("select").value = term;
    prepare(block);
    for (const each of block.querySelectorAll("details.more")) each.open = false;
    summarise(block);
    share(`${name}.${token}.title`);
    const field = block.querySelector(".field :is(input:not([type=hidden], [hidden]), textarea, select:not([hidden]))");
    (term ? block.querySelector("textarea") : field).focus();
    block.scrollIntoView({ block: "nearest" });
  }

  function move(button) {
    const block = button.closest("[data-block]");
    const by = Number(button.dataset.move);
    const other = by < 0 ? block.previousElementSibling : block.nextElementSibling;
    if (other) by < 0 ? other.before(block) : other.after(block);
    button.focus();
    block.scrollIntoView({ block: "nearest" });
    const all = [...block.parentElement.children];
    announce("moved", { title: titleOf(block), place: all.indexOf(block) + 1, total: all.length });
    share(block.dataset.block);
  }

  // The item itself is set aside, so that putting it back loses nothing.
  function remove(button) {
    const block = button.closest("[data-block]");
    const title = titleOf(block);
    const picks = picksOf(block);
    const loose = picks.length ? ` ${fill("loose", { number: picks.length })}` : "";
    const mark = document.createElement("li");
    mark.className = "removed";
    const said = document.createElement("span");
    said.textContent = fill("removed", { title }) + loose;
    const undo = document.createElement("button");
    Object.assign(undo, { type: "button", className: "text-button", textContent: texts.undo });
    undo.addEventListener("click", () => {
      mark.replaceWith(block);
      share(block.dataset.block);
      for (const [select, token] of picks) if (!select.value) select.value = token;
      changed();
      (block.querySelector("summary") || block).focus();
      announce("back", { title });
    });
    mark.append(said, " ", undo);
    block.replaceWith(mark);
    share(block.dataset.block);
    undo.focus();
    announce("removed", { title }, loose);
  }

  // Who pick this source, each with its token.
  function picksOf(block) {
    const [list, token] = block.dataset.block.split(".");
    const selects = list === "sources" ? [...form.querySelectorAll("select[data-pick=sources]")] : [];
    return selects.filter((each) => each.value === token).map((each) => [each, token]);
  }

  // What others pick of a list, after a change in it.
  function share(name) {
    if (name.startsWith("sources")) form.querySelectorAll("select[data-pick=sources]").forEach(offerSources);
    if (name.startsWith("ingredients")) form.querySelectorAll("[data-own-terms=ingredients]").forEach(offerTerms);
  }

  function offerSources(select) {
    const chosen = select.value;
    const gone = [...select.options].filter((each) => each.value.startsWith("="));
    const sources = [...form.querySelectorAll('[data-list="sources"] > [data-items] > [data-block]')];
    const options = sources.map((block, index) => {
      const token = block.dataset.block.split(".")[1];
      const title = form.elements[`sources.${token}.title`].value;
      return new Option(title || texts.source.replace("%(number)s", index + 1), token);
    });
    select.replaceChildren(select.options[0], ...options, ...gone);
    select.value = [...select.options].some((each) => each.value === chosen) ? chosen : "";
  }

  function offerTerms(place) {
    const name = place.querySelector("fieldset").dataset.field;
    const chosen = new Set([...place.querySelectorAll(":checked")].map((each) => each.value));
    const list = place.querySelector("[data-choices]");
    const selects = form.querySelectorAll('[data-list="ingredients"] select[name$=".id"]');
    const own = [...selects].filter((each) => each.value);
    const kept = [...list.children].filter((each) => {
      const id = each.querySelector("input").value;
      return chosen.has(id) && !own.some((select) => select.value === id);
    });
    const items = own.map((select) => {
      const item = document.createElement("li");
      const label = document.createElement("label");
      const box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name, value: select.value, checked: chosen.has(select.value) });
      const text = document.createElement("span");
      text.textContent = select.selectedOptions[0].textContent;
      label.append(box, " ", text);
      item.append(label);
      return item;
    });
    list.replaceChildren(...items, ...kept);
  }
}

function titleOf(block) {
  return block.querySelector("[data-title]").textContent;
}

// The line that stands for an item says what its fields say now.
function summarise(block) {
  const fields = [...block.querySelectorAll(".field")].filter((each) => !each.closest("details.more"));
  const first = fields[0]?.querySelector("select, input:not([role]), textarea");
  const title = valueOf(first) || texts.untitled;
  for (const each of block.querySelectorAll("[data-title]")) each.textContent = title;
  const place = block.querySelector("[data-details]");
  if (!place) return;
  const terms = [...block.querySelectorAll("select[data-scheme]")].filter((each) => each !== first);
  place.textContent = terms.map(valueOf).filter(Boolean).join(" · ");
}

function valueOf(field) {
  if (!field) return "";
  if (field.matches("select")) return field.value ? field.selectedOptions[0].textContent : "";
  return field.value.trim();
}
