// The pages' modules in Node: their paths are those of the service.

const pages = new URL("../../pages/", import.meta.url);
const client = new URL("../../../../clients/js/dist/index.js", import.meta.url);

export function resolve(specifier, context, next) {
  if (specifier === "/countersign.js") return { url: client.href, shortCircuit: true };
  const url = specifier.startsWith("/") && specifier.endsWith(".js") ? new URL(`.${specifier}`, pages).href : undefined;
  return url ? { url, format: "module", shortCircuit: true } : next(specifier, context);
}

export function load(url, context, next) {
  return next(url, url.startsWith(pages.href) ? { ...context, format: "module" } : context);
}
