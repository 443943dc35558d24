// What is pasted becomes plain text in our spelling, and who pasted it sees what was changed.

import { fill, texts } from "./form-texts.js";

const BULLET = /^[ \t]*(?:[\u2022\u00b7\u25aa\u25cf\u25e6\u2043\u2219\uf0b7\uf0a7\u27a2]|o(?=[\t\u00a0]))[ \t\u00a0]+/gm;
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a-\u202e]/g;
const SPACE = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t]/g;
const PARTS = "p, div, h1, h2, h3, h4, h5, h6, blockquote, tr, section, article, ul, ol";
const MOST = 1_000_000; // characters of markup that are read

export function cleanPastes(part) {
  for (const field of part.querySelectorAll("[data-paste]")) {
    field.addEventListener("paste", (event) => paste(event, field));
  }
}

function paste(event, field) {
  const raw = event.clipboardData.getData("text/plain");
  const html = event.clipboardData.getData("text/html");
  if (!raw && !html) return;
  event.preventDefault();
  const cleaned = clean(raw, html, field.dataset.paste);
  insert(field, cleaned.text);
  report(field, raw, cleaned);
}

// The text, and the names of what was changed in it. `kind`: "", "line" or "lines".
export function clean(raw, html, kind) {
  const hasMarkup = html.length < MOST && /<(p|li|b|strong|i|em|h\d|table|ul|ol|span)\b/i.test(html);
  const source = hasMarkup ? textOf(html) : raw;
  const changes = hasMarkup ? ["markup"] : [];
  const visible = source.replace(INVISIBLE, "");
  if (visible !== source) changes.push("invisible");
  const dashed = visible.replace(/\r\n?|[\u000b\u2028]/g, "\n").replace(BULLET, "- ");
  if (/^- /m.test(dashed) && (!/^- /m.test(raw) || hasMarkup)) changes.push("bullets");
  let text = dashed
    .replace(SPACE, " ")
    .replace(/ +$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/^\n+|\n+$/g, "");
  if (!changes.length && text !== dashed) changes.push("spaces");
  if (kind === "line" && text.includes("\n")) {
    text = text.replace(/\s*\n\s*/g, " ");
    changes.push("joined");
  }
  if (kind === "lines") text = text.replace(/^- /gm, "").replace(/\n{2,}/g, "\n");
  return { text, changes };
}

// What markup says: paragraphs apart, list items with a dash; of Word too, where lists are styled.
function textOf(html) {
  // Our policy has no styles in markup, not even where nobody sees them.
  const bare = html.replace(/<[^>]+>/g, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  const page = new DOMParser().parseFromString(bare, "text/html");
  for (const each of page.querySelectorAll("style, script, title, meta, link, [data-style*='mso-list:Ignore'], [data-style*='mso-list: Ignore']")) each.remove();
  for (const each of page.querySelectorAll("br")) each.replaceWith("\u2028");
  for (const each of page.querySelectorAll("li, p[class*=MsoListParagraph], p[data-style*='mso-list']")) {
    each.prepend("\u2022 ");
    each.append("\u2028");
  }
  for (const each of page.querySelectorAll("td, th")) each.append(" ");
  for (const each of page.querySelectorAll(PARTS)) {
    const isItem = each.matches("p[class*=MsoListParagraph], p[style*='mso-list'], li *");
    if (!isItem) each.append("\u2029");
  }
  return page.body.textContent
    .replace(/[ \t\r\n]+/g, " ")
    .replace(/ ?\u2029 ?/g, "\n\n")
    .replace(/ ?\u2028 ?/g, "\n")
    .trim()
    .replace(/\n(?=\u2022)\n+/g, "\n")
    .replace(/(^|\n)[ ]*\u2022[ ]*/g, "$1\u2022 ");
}

function insert(field, text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) {
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function report(field, raw, { text, changes }) {
  field.parentElement.querySelector(".pasted")?.remove();
  if (!changes.length) return;
  const note = document.createElement("p");
  note.className = "pasted";
  note.setAttribute("role", "status");
  field.after(note);
  note.append(fill("pasted", { changes: changes.map((each) => texts[each]).join(", ") }), " ");
  const end = field.selectionStart;
  const start = end - text.length;
  if (raw && raw !== text && field.matches("textarea")) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "text-button", textContent: texts.asCopied });
    button.addEventListener("click", () => {
      if (field.value.slice(start, end) === text) field.setSelectionRange(start, end);
      insert(field, raw);
      note.remove();
    });
    note.append(button);
  }
}
