// Times for people.

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/** A span in its two largest units: `23 hours 59 minutes`. */
export function span(seconds) {
  let rest = Math.floor(Math.abs(seconds));
  const words = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    if (words.length === 2 || (words.length > 0 && count === 0)) break;
  }
  return words.join(" ") || "0 seconds";
}

/** `in 2 hours`, or `3 hours ago`. */
export const distance = (then, now = Date.now() / 1000) =>
  then >= now ? `in ${span(then - now)}` : `${span(now - then)} ago`;

/** `2026-11-27 04:15:00 UTC`; nothing for what no calendar has. */
export function instant(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
