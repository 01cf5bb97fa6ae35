// Runs code that is made for browsers in Node: what the published TypeScript client needs of a browser is the part of
// XMLHttpRequest below, done with fetch.
const fs = require("node:fs");
const vm = require("node:vm");
const typescript = require("typescript");

globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  headers = {};
  open(method, url) {
    this.method = method;
    this.url = url;
  }
  setRequestHeader(name, value) {
    this.headers[name] = value;
  }
  send(body) {
    fetch(this.url, { method: this.method, headers: this.headers, body })
      .then(async (answer) => {
        this.responseText = await answer.text();
        this.status = answer.status;
        this.response = this.responseType === "json" ? JSON.parse(this.responseText) : this.responseText;
        this.readyState = 4;
        this.onreadystatechange?.();
        this.onload?.();
      })
      .catch((error) => {
        this.readyState = 4;
        this.onerror?.(error);
      });
  }
  abort() {}
};

const source = fs.readFileSync(0, "utf8");
const options = { module: typescript.ModuleKind.CommonJS, target: typescript.ScriptTarget.ES2022 };
const made = typescript.transpileModule(source, { compilerOptions: options, reportDiagnostics: true });
if (made.diagnostics.length > 0) {
  console.error(made.diagnostics.map((it) => it.messageText));
  process.exit(1);
}
vm.runInThisContext(`(function (require, exports) {${made.outputText}\n})`)(require, {});
