// The pages' modules in Node: their paths are those of the service.

const pages = new URL("../../pages/", import.meta.url);
const clients = new URL("../../../../clients/", import.meta.url);
const elsewhere = { "/countersign.js": "js/dist/index.js", "/redact.js": "redact-wasm/redact.js" };

export function resolve(specifier, context, next) {
  if (specifier in elsewhere) return { url: new URL(elsewhere[specifier], clients).href, format: "module", shortCircuit: true };
  const url = specifier.startsWith("/") && specifier.endsWith(".js") ? new URL(`.${specifier}`, pages).href : undefined;
  return url ? { url, format: "module", shortCircuit: true } : next(specifier, context);
}

export function load(url, context, next) {
  return next(url, [pages, clients].some((folder) => url.startsWith(folder.href)) ? { ...context, format: "module" } : context);
}
