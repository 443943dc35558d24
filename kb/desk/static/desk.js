// What scripts at the desk share: calls of our API with the session of this page.

const page = document.querySelector('meta[name="desk"]').dataset;

// Calls /v1 + path. `body` is sent as JSON, or as JSON Merge Patch with PATCH; `etag` goes into
// If-Match. Gives { status, ok, json, etag }; throws TypeError when the network is away.
export async function call(method, path, { body, etag, signal } = {}) {
  const headers = { Accept: "application/json", "Accept-Language": page.language };
  if (method !== "GET") headers["X-CSRF-Token"] = page.csrf;
  if (etag) headers["If-Match"] = etag;
  if (body !== undefined) {
    headers["Content-Type"] =
      method === "PATCH" ? "application/merge-patch+json" : "application/json";
  }
  const response = await fetch(page.api + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    credentials: "same-origin",
    cache: "no-store",
  });
  const text = await response.text();
  return {
    status: response.status,
    ok: response.ok,
    json: text ? JSON.parse(text) : null,
    etag: response.headers.get("ETag"),
  };
}

// Choosing a thing: while people type, what begins with their words becomes a choice.

const WAIT_MS = 200;

function connectPicker(picker) {
  const input = picker.querySelector('input[type="search"]');
  const choices = picker.querySelector("[data-picker-choices]");
  const status = picker.querySelector("[data-picker-status]");
  let timer = 0;
  let asking = new AbortController();

  function showChoices(items) {
    for (const label of [...choices.children]) {
      const radio = label.querySelector("input");
      if (radio.value && !radio.checked) label.remove();
    }
    const shown = new Set([...choices.querySelectorAll("input")].map((radio) => radio.value));
    for (const item of items) {
      if (!item.id || item.id === picker.dataset.own || shown.has(item.id)) continue;
      const label = choices.lastElementChild.cloneNode(true);
      const radio = label.querySelector("input");
      radio.value = item.id;
      radio.checked = false;
      label.replaceChildren(radio, " ", item.text);
      choices.append(label);
    }
    status.textContent = items.length ? "" : status.dataset.none;
  }

  async function suggest() {
    asking.abort();
    asking = new AbortController();
    const words = input.value.trim();
    if (words.length < 2) return;
    const query = new URLSearchParams({ q: words, type: picker.dataset.picker, pageSize: "8" });
    try {
      const answer = await call("GET", `/suggestions?${query}`, { signal: asking.signal });
      if (answer.ok) showChoices(answer.json.items);
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = "";
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, WAIT_MS);
  });
}

document.querySelectorAll("[data-picker]").forEach(connectPicker);
