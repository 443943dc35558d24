// How many characters a field has, beside how many it may have.

import { fill } from "./form-texts.js";

const number = new Intl.NumberFormat(document.documentElement.lang);

export function prepareCounts(part) {
  for (const line of part.querySelectorAll("[data-count-of]")) {
    const field = document.getElementById(line.dataset.countOf);
    if (!field) continue;
    const limit = Number(line.dataset.limit);
    const count = () => {
      const length = [...field.value].length; // characters, as the server counts them
      const isOver = length > limit;
      line.classList.toggle("over", isOver);
      line.classList.toggle("near", length > 0.75 * limit);
      line.textContent = isOver
        ? fill("over", { number: number.format(length - limit) })
        : fill("count", { number: number.format(length), limit: number.format(limit) });
    };
    field.addEventListener("input", count);
    count();
  }
}
