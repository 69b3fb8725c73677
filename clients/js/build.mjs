// Builds `dist/` from `src/`: each module by tsc, and one file with everything in it for a page that has no modules of
// others. With `--check` it says whether what is kept is what the sources give.

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "dist");
const made = mkdtempSync(join(tmpdir(), "countersign-js-"));

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .sort();

try {
  const tsc = join(here, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "--outDir", made], { cwd: here, stdio: "inherit" });
  await build({
    absWorkingDir: here,
    entryPoints: [join(here, "src/index.ts")],
    outfile: join(made, "bundle/countersign.js"),
    bundle: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    // Named, so that a reader finds the parts, and without what only this machine has.
    minifyWhitespace: true,
    legalComments: "inline",
    logLevel: "warning",
  });
  if (process.argv.includes("--check")) {
    const [kept, built] = [files(dist), files(made)];
    const differ = new Set([
      ...kept.filter((name) => !built.includes(name)),
      ...built.filter(
        (name) => !kept.includes(name) || !readFileSync(join(dist, name)).equals(readFileSync(join(made, name))),
      ),
    ]);
    if (differ.size > 0) {
      console.error(`dist/ is not what the sources give: ${[...differ].join(", ")}. Run: npm run build`);
      process.exitCode = 1;
    }
  } else {
    rmSync(dist, { recursive: true, force: true });
    cpSync(made, dist, { recursive: true });
  }
} finally {
  rmSync(made, { recursive: true, force: true });
}
