// Code for a call, loaded when somebody wants to see it: the writers of eleven languages weigh more than many a page.
import { el } from "./dom.js";

/** Puts "Show Code Example" into a section; `source` is what `codePanel` takes. Answers how to bring it up to date. */
export function codeLater(section, source) {
  let panel;
  const button = el("button", { type: "button", class: "small", "aria-expanded": "false" }, "Show Code Example");
  button.addEventListener("click", async () => {
    const { codePanel } = await import("./code.js");
    panel = codePanel(section, source);
    panel.open();
  });
  section.replaceChildren(button);
  return { update: () => panel?.update() };
}
