// Builds redact.wasm, and writes down its digest and what it was built with. `node build.mjs --check` compares the file with
// the digest, and with a build of its own where the same compiler and its target are there.

import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const file = `${here}redact.wasm`;
const TARGET = "wasm32-unknown-unknown";

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");
const compiler = () => spawnSync("rustc", ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "none";

function hasTarget() {
  const libraries = spawnSync("rustc", ["--print", "target-libdir", "--target", TARGET], { encoding: "utf8" }).stdout?.trim();
  return libraries && spawnSync("test", ["-d", libraries]).status === 0;
}

function built() {
  const cargo = process.env.CARGO_HOME ?? `${homedir()}/.cargo`;
  // No path of this machine in the module.
  const remap = [[root, "."], [cargo, "cargo"], [sysroot(), "rust"]].map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  const folder = `${root}/target/wasm`;
  const environment = { ...process.env, CARGO_TARGET_DIR: folder, RUSTFLAGS: remap.join(" "), CARGO_INCREMENTAL: "0" };
  const command = ["build", "--quiet", "--release", "--locked", "--target", TARGET, "--manifest-path", `${here}Cargo.toml`];
  execFileSync("cargo", command, { env: environment, stdio: "inherit" });
  return readFileSync(`${folder}/${TARGET}/release/countersign_redact_wasm.wasm`);
}

function sysroot() {
  return execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
}

const kept = () => JSON.parse(readFileSync(`${here}redact.wasm.json`, "utf8"));

if (process.argv.includes("--check")) {
  const { sha256, rustc } = kept();
  if (digest(readFileSync(file)) !== sha256) throw new Error("redact.wasm is not what redact.wasm.json says");
  if (rustc !== compiler() || !hasTarget()) {
    console.log(`redact.wasm has its digest; it was not built again, for want of ${rustc} with ${TARGET}`);
  } else if (digest(built()) !== sha256) {
    throw new Error("the sources have changed since redact.wasm was built: run `node build.mjs`");
  } else {
    console.log("redact.wasm has its digest, and is what its sources give");
  }
} else {
  const bytes = built();
  writeFileSync(file, bytes);
  const about = { sha256: digest(bytes), bytes: bytes.length, rustc: compiler() };
  writeFileSync(`${here}redact.wasm.json`, `${JSON.stringify(about, null, 2)}\n`);
  console.log(about);
}
