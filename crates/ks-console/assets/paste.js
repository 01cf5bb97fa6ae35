// The field for a line of curl; what reads it is loaded when a line is there.
import { announce, el, uid } from "./dom.js";

/** A fold with a field for a line of curl; `take(call)` gets what it says. */
export function importer(take) {
  const id = uid("curl");
  const text = el("textarea", { id, class: "mono", rows: "4", spellcheck: "false", autocomplete: "off", autocapitalize: "off",
    placeholder: "curl https://…/api_v3/service/session/action/start -d partnerId=102 …" });
  const problem = el("p", { class: "error", role: "alert", hidden: true });
  const button = el("button", { type: "button" }, "Import");
  button.addEventListener("click", async () => {
    problem.hidden = true;
    try {
      const { parseCurl } = await import("./curl.js");
      await take(parseCurl(text.value));
      text.value = "";
      announce("Imported.");
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  });
  return el("details", { class: "import" }, el("summary", {}, "Import from curl"),
    el("div", { class: "field" }, el("label", { for: id }, "A line of curl"), text), problem, el("p", {}, button));
}
