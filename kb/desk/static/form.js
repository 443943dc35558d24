// The form of one thing: saved while somebody types, and kept in this browser until it is.
// Without this it is a form with a button.

import { prepareBlocks } from "./form-blocks.js";
import { prepareCounts } from "./form-counts.js";
import { cleanPastes } from "./form-paste.js";
import { prepareTerms } from "./form-terms.js";
import { fill, texts } from "./form-texts.js";
import { Store, drop } from "./form-store.js";

const form = document.querySelector("form.thing-form[data-key]");
const PAUSE = 1500; // milliseconds without typing after which it is saved
const LONGEST = 15000; // milliseconds of typing after which it is saved anyway
const RETRIES = [3000, 6000, 15000, 30000]; // milliseconds between tries

const store = new Store(form);
const line = form.querySelector("[data-save-state]");
let edits = 0; // counts what was typed
let savedEdits = 0;
let saving = null; // the request that is under way
let timer = 0;
let firstEdit = 0; // since the last saving, by the clock
let tries = 0;
let isStopped = false; // until a conflict is settled, or who reads decides to edit
let isWaiting = false; // until who reads decides about what this browser still has
let isLocked = false; // submitted, and nobody has decided to edit it
let isLeaving = false; // the form is being sent as a page

const savedTime = time(line.querySelector("[data-saved-at]")?.dataset.savedAt);
say("saved", { time: savedTime });
for (const each of form.querySelectorAll("[data-with-script]")) each.hidden = false;
history.replaceState(history.state, "", location.href); // loading it anew never sends it again
prepare(form);
prepareBlocks(form, { changed, prepare, announce });
offerStored();
if (form.dataset.typed) form.dataset.waits && !isWaiting ? wait() : changed();
if (form.dataset.state === "submitted") lock();
follow();

// What every part of the form gets, also one that is added.
function prepare(part) {
  prepareTerms(part);
  prepareCounts(part);
  cleanPastes(part);
}

form.addEventListener("input", changed);
form.addEventListener("change", changed);
form.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#f."]');
  if (!link) return;
  event.preventDefault();
  show(decodeURIComponent(link.hash.slice(1)));
});
form.addEventListener("submit", (event) => {
  if (isLeaving) return store.keep(true);
  event.preventDefault();
  if (isWaiting) return form.querySelector("[data-stored]").focus();
  if (event.submitter?.value === "save" && !isStopped) save(true);
  else leave(event.submitter);
});
addEventListener("pagehide", () => isAtRisk() && store.keep());
addEventListener("pageshow", () => (isLeaving = false));
addEventListener("online", () => isTyped() && save());
document.addEventListener("visibilitychange", () => {
  if (!isAtRisk()) return;
  store.keep();
  if (document.visibilityState === "visible" || navigator.onLine) save();
});
addEventListener("focus", () => isTyped() && save());
addEventListener("hashchange", () => show(decodeURIComponent(location.hash.slice(1))));

function isTyped() {
  return edits > savedEdits;
}

// What was typed here and may take the place of what this browser has.
function isAtRisk() {
  return isTyped() && !isLeaving && !isWaiting;
}

function changed() {
  edits += 1;
  if (isWaiting) return;
  firstEdit ||= Date.now();
  if (store.isFull) say("full");
  else if (!isStopped) say("typed");
  store.keepSoon();
  if (isStopped) return;
  const left = Math.max(0, firstEdit + LONGEST - Date.now());
  clearTimeout(timer);
  timer = setTimeout(save, Math.min(PAUSE, left));
}

async function save(isAsked = false) {
  clearTimeout(timer);
  if (isStopped || saving || (!isTyped() && isAsked !== true)) return;
  const until = edits;
  firstEdit = 0;
  say("saving");
  store.keep();
  saving = send(isAsked === true ? "save" : "autosave");
  const answer = await saving;
  saving = null;
  const next = { 200: applied, 401: ended, 403: renewed, 412: stale }[answer.status] || failed;
  next(answer, until, isAsked === true);
}

async function send(action) {
  const body = new FormData(form);
  body.set("do", action);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
      signal: AbortSignal.timeout(30000),
    });
    return { status: response.status, ...(await response.json()) };
  } catch {
    return { status: 0 };
  }
}

// Sends the form as a page, to a server that answers: without one the browser would leave the form.
async function leave(button) {
  store.keep();
  try {
    const signal = AbortSignal.timeout(10000);
    await fetch(form.action, { method: "HEAD", redirect: "manual", cache: "no-store", signal });
  } catch {
    return isStopped ? unreachable() : failed({ status: 0 });
  }
  isLeaving = true;
  form.requestSubmit(button?.isConnected ? button : null);
}

function unreachable() {
  say("offline");
  line.append(" ", lookButton());
}

// It was saved, all of it or what is right.
function applied(answer, until, isAsked) {
  tries = 0;
  form.elements.etag.value = answer.etag;
  form.elements.base.value = answer.base;
  for (const [name, rest] of Object.entries(answer.rests)) {
    if (form.elements[name]) form.elements[name].value = rest;
  }
  showParts(answer);
  savedEdits = until;
  const names = (key) => [...new Set(answer.wrong.map((each) => each[key]))].join(", ");
  say(answer.outcome, { time: time(answer.savedAt), fields: names("part") });
  if (names("part") !== names("label")) line.append(` ${fill("mend", { fields: names("label") })}`);
  if (answer.outcome === "saved" && !isTyped()) store.forget();
  else store.keep();
  if (isTyped()) changed();
  if (isAsked && answer.wrong.length) show(`f.${answer.wrong[0].name}`);
}

function showParts(answer) {
  for (const place of form.querySelectorAll("[data-notes]")) {
    const html = answer.notes[place.dataset.notes] || "";
    if (place.dataset.shown === html) continue;
    place.dataset.shown = html;
    place.innerHTML = html;
    const field = document.getElementById(`f.${place.dataset.notes}`);
    if (place.querySelector(".mistake")) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }
  const side = form.querySelector("[data-side]");
  if (side.dataset.shown !== answer.side) {
    side.dataset.shown = answer.side;
    side.innerHTML = answer.side;
  }
  for (const each of form.querySelectorAll("[data-count-section]")) {
    each.textContent = answer.sections[each.dataset.countSection] || "";
  }
  for (const each of form.querySelectorAll("[data-count-in]")) {
    each.textContent = answer.items[each.dataset.countIn] || "";
  }
}

// The session of this page is over; another tab may have begun a new one.
function ended() {
  say("ended");
  const link = document.createElement("a");
  Object.assign(link, { href: form.dataset.signIn, target: "_blank", rel: "noopener" });
  link.textContent = texts.signIn;
  line.append(" ", link);
}

function renewed(answer) {
  if (!answer.csrf || answer.csrf === form.elements.csrf.value) return failed(answer);
  form.elements.csrf.value = answer.csrf;
  save();
}

function stale() {
  isStopped = true;
  say("stale");
  line.append(" ", lookButton());
}

function lookButton() {
  const button = document.createElement("button");
  Object.assign(button, { className: "button quiet-button", name: "do", value: "save" });
  button.textContent = texts.look;
  return button;
}

function failed(answer) {
  say(answer.status ? "failed" : "offline");
  if (answer.detail) line.append(` ${answer.detail}`);
  timer = setTimeout(save, RETRIES[Math.min(tries, RETRIES.length - 1)]);
  tries += 1;
}

// Nothing is saved by itself until somebody types or presses the button.
function wait() {
  edits += 1;
  say("typed");
}

function lock() {
  const bar = form.querySelector(".save-bar .buttons");
  isLocked = true;
  freeze();
  bar.firstElementChild.hidden = true;
  form.querySelector("[data-edit-anyway]").addEventListener("click", (event) => {
    isLocked = false;
    freeze();
    bar.firstElementChild.hidden = false;
    event.target.closest("aside").hidden = true;
    form.querySelector(".form-main input:not([type=hidden]), .form-main textarea")?.focus();
  });
}

// Nothing is typed or saved while something is to be decided first.
function freeze() {
  isStopped = form.querySelector(".form-main").inert = isWaiting || isLocked;
}

// What this browser still has of an earlier time.
function offerStored() {
  const stored = store.found();
  if (!stored) return;
  const place = form.querySelector("[data-stored]");
  place.querySelector("[data-stored-at]").textContent = fill("storedAt", { time: time(stored.at) });
  place.hidden = false;
  isWaiting = true; // so that nothing takes its place before it was looked at
  freeze();
  sayWaits();
  place.querySelector("[data-restore]").addEventListener("click", () => store.restore(stored));
  const forget = place.querySelector("[data-forget]");
  forget.addEventListener("click", () => {
    if (!confirm(forget.dataset.question)) return;
    drop(stored.key);
    place.hidden = true;
    isWaiting = false;
    freeze();
    say("saved", { time: savedTime });
    if (isTyped()) changed();
  });
  history.scrollRestoration = "manual"; // that of the browser would lead away from it
  place.focus();
}

// Nothing is saved until it was decided what becomes of the text that waits.
function sayWaits() {
  say("waits");
  const link = document.createElement("a");
  Object.assign(link, { href: "#stored", textContent: texts.toStored });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    form.querySelector("[data-stored]").focus();
  });
  line.append(" ", link);
}

function say(name, values = {}) {
  line.textContent = fill(name, values);
  line.dataset.saveState = name;
}

function announce(name, values, more = "") {
  const place = form.querySelector("[data-said]");
  place.textContent = fill(name, values) + more;
}

function time(moment) {
  const at = moment ? new Date(moment) : new Date();
  const isToday = at.toDateString() === new Date().toDateString();
  const clock = { hour: "2-digit", minute: "2-digit" };
  const day = { day: "numeric", month: "long", ...clock };
  return at.toLocaleString(document.documentElement.lang, isToday ? clock : day);
}

// A field that a link names is opened, and has the focus.
function show(id) {
  const field = document.getElementById(id) || document.getElementById(id.replace(/^f/, "b"));
  if (!field || !form.contains(field)) return;
  for (let each = field; each; each = each.parentElement) if (each.matches("details")) each.open = true;
  const summary = field.matches(".block") && field.querySelector("summary");
  (summary || field).focus({ preventScroll: true });
  field.scrollIntoView({ block: "center" });
}

// The heading says what the title says.
function follow() {
  const title = form.elements.title;
  title?.addEventListener("input", () => {
    form.querySelector("[data-page-title]").textContent = title.value || texts.untitled;
  });
  const errors = form.querySelector("[data-errors]");
  if (errors) errors.focus();
  else if (location.hash) show(decodeURIComponent(location.hash.slice(1)));
}
