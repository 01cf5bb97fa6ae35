// The developer console: its pages follow each other without a new document, so that a session, which is kept nowhere
// but in the open page, goes along.
import { mountAction } from "./tryout.js";
import { fold } from "./docs.js";
import { announce } from "./dom.js";
import { importer } from "./paste.js";
import { chip } from "./session.js";

let ks = "";
/** What the open page wants to know of: a new session, or none. */
let mounted;
/** What the form of the page that is opened next is filled with. It may be secret, so it is in no address. */
let handed;

const session = chip(document.getElementById("session"), { ks: () => ks, drop: () => keep("") });

function keep(value) {
  ks = value;
  mounted?.session?.(ks);
}

const app = {
  session,
  ks: () => ks,
  /** Uses a session that a call brought. */
  use(token, call) {
    keep(token);
    session.use(token, call);
  },
  /** Somebody typed a session. */
  typed(token) {
    ks = token;
    session.typed();
  },
  /** Opens the form of an action with values in it, and with global parameters. */
  open(service, action, values, globals = {}) {
    handed = { values, globals };
    return visit(`/api-docs/service/${service}/action/${action}#try`);
  },
  /** Opens what was read from a line of curl. */
  imported({ calls, service, action, values, globals: { ks: token, ...globals } }) {
    if (calls) throw new Error("It makes several calls in one request: import it in the Test Console.");
    if (token) app.use(token, { params: [] });
    return app.open(service, action, values, globals);
  },
};

/** A page of this console as a document that is not shown; its scripts do not run. */
const read = (href) => new Promise((resolve) => {
  const asked = new XMLHttpRequest();
  asked.responseType = "document";
  asked.addEventListener("load", () => resolve(asked.response?.getElementById("page") ? asked.response : undefined));
  asked.addEventListener("error", () => resolve(undefined));
  asked.open("GET", href);
  asked.send();
});

async function visit(href, push = true) {
  const found = await read(href);
  if (!found) {
    location.assign(href);
    return;
  }
  if (push) history.pushState(null, "", href);
  document.title = found.title;
  for (const id of ["page", "contents"]) {
    document.getElementById(id).replaceWith(document.adoptNode(found.getElementById(id)));
  }
  document.documentElement.classList.remove("expanded");
  fold();
  scrollTo(0, 0);
  await mount();
  if (!document.activeElement || document.activeElement === document.body) {
    const heading = document.querySelector("#page h1");
    heading.tabIndex = -1;
    heading.focus();
  }
  announce(found.title);
}

const address = () => location.pathname + location.search;
let shown;

async function mount() {
  shown = address();
  const page = document.getElementById("page");
  const given = handed;
  handed = undefined;
  mounted = undefined;
  const place = document.getElementById("try");
  if (place) mounted = await mountAction(place, app, given);
  else if (document.getElementById("workflow")) {
    const { mountWorkflow } = await import("./workflow.js");
    mounted = await mountWorkflow(page, app);
  } else if (document.getElementById("import")) {
    document.getElementById("import").replaceChildren(importer(app.imported));
  }
  page.dataset.ready = "yes";
}

const isOurs = (url) => url.origin === location.origin && url.pathname.startsWith("/api-docs/") && !url.pathname.endsWith(".json");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href);
  const here = url.pathname === location.pathname && url.search === location.search;
  if (link.target || link.download || !isOurs(url) || (here && !["", "#try"].includes(url.hash))) return;
  event.preventDefault();
  visit(url.href);
});
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("role") !== "search") return;
  event.preventDefault();
  visit(`/api-docs/?${new URLSearchParams(new FormData(event.target))}`);
});
// The palette asks first whether the page goes there by itself.
document.addEventListener("ks:go", (event) => {
  const url = new URL(event.detail.href, location.href);
  if (!isOurs(url)) return;
  event.preventDefault();
  visit(url.href);
});
// Going to another place of the same page is no new page.
addEventListener("popstate", () => shown !== address() && visit(location.href, false));

await mount();
