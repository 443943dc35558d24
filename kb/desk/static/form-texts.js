// The sentences of the form, in the language of the page.

export const texts = JSON.parse(document.querySelector("[data-texts]").dataset.texts);

// A sentence with values in its braces.
export function fill(name, values = {}) {
  return (texts[name] || "").replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}
