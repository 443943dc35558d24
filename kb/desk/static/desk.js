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
