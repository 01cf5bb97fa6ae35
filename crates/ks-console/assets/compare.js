// Two answers side by side, line by line.
import { el } from "./dom.js";

/** Longer texts are compared line by line as they stand: finding what moved would take too long. */
const LIMIT = 1500;

/** Rows of two texts: `[kind, left, right]`, where kind is "same", "changed", "left" or "right". */
export function rows(one, other) {
  const [left, right] = [one.split("\n"), other.split("\n")];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
  const middle = between(left.slice(start, left.length - end), right.slice(start, right.length - end));
  const same = (lines) => lines.map((line) => ["same", line, line]);
  return [...same(left.slice(0, start)), ...pair(middle), ...same(end === 0 ? [] : left.slice(-end))];
}

/** The longest common lines stay; the others are on one side only. */
function between(left, right) {
  if (left.length > LIMIT || right.length > LIMIT) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, index) => ["changed", left[index] ?? "", right[index] ?? ""]);
  }
  const width = right.length + 1;
  const longest = new Uint16Array((left.length + 1) * width);
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      longest[row * width + column] = left[row] === right[column]
        ? longest[(row + 1) * width + column + 1] + 1
        : Math.max(longest[(row + 1) * width + column], longest[row * width + column + 1]);
    }
  }
  const found = [];
  let [row, column] = [0, 0];
  while (row < left.length || column < right.length) {
    if (row < left.length && column < right.length && left[row] === right[column]) found.push(["same", left[row++], right[column++]]);
    else if (column >= right.length || (row < left.length && longest[(row + 1) * width + column] >= longest[row * width + column + 1])) {
      found.push(["left", left[row++], ""]);
    } else found.push(["right", "", right[column++]]);
  }
  return found;
}

/** A line that went and one that came in its place are one changed line. */
function pair(found) {
  const paired = [];
  for (let at = 0; at < found.length;) {
    const lefts = [];
    const rights = [];
    while (found[at]?.[0] === "left") lefts.push(found[at++][1]);
    while (found[at]?.[0] === "right") rights.push(found[at++][2]);
    for (let index = 0; index < Math.max(lefts.length, rights.length); index += 1) {
      const [one, other] = [lefts[index], rights[index]];
      paired.push([one === undefined ? "right" : other === undefined ? "left" : "changed", one ?? "", other ?? ""]);
    }
    if (lefts.length + rights.length === 0) paired.push(found[at++]);
  }
  return paired;
}

const SAID = { changed: "changed", left: "only in the kept one", right: "only in this one" };

/** The comparison of `{ title, text }` with another. */
export function sideBySide(one, other) {
  const all = rows(one.text, other.text);
  const differ = all.filter(([kind]) => kind !== "same").length;
  const cells = all.map(([kind, left, right]) => el("tr", { class: kind },
    el("td", {}, left), el("td", {}, right, SAID[kind] && el("span", { class: "sr-only" }, ` (${SAID[kind]})`))));
  return el("div", {},
    el("p", { class: "muted", role: "status" }, differ === 0 ? "The two are the same." : `${differ} of ${all.length} lines differ.`),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Comparison" }, el("table", { class: "diff" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, `Kept: ${one.title}`), el("th", { scope: "col" }, `This one: ${other.title}`))),
      el("tbody", {}, cells))));
}
