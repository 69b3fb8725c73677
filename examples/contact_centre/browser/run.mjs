// `node run.mjs PROGRAM FOLDER [STORY]`: starts the service, plays every story in Chromium at two widths, in light and dark, looks at
// each stage with axe, and searches what the desktop was sent for what it must never have. Screenshots go to FOLDER.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { impostors } from "./impostors.mjs";
import { Search } from "./search.mjs";
import { PLANTED } from "./steps.mjs";
import { stories } from "./stories.mjs";

const [program, folder, only] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
mkdirSync(folder, { recursive: true });

const service = spawn(program, ["--port", "0", "--vault-port", "0", "--issuer-port", "0", "--visits", "1000"], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((found, failed) => {
  createInterface(service.stdout).on("line", (line) => {
    const [, url] = /^Open\s+(\S+)/.exec(line) ?? [];
    if (url) found(url);
  });
  service.on("exit", () => failed(new Error("the service ended")));
});

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
// The paths of the documents that axe has looked at.
const looked = new Set();
let failures = 0;

async function violations(page) {
  // The policy of the page allows no scripts but its own: axe runs in each frame's world by the debugger, the vault's too.
  const all = [];
  for (const frame of page.frames()) {
    await frame.evaluate(axe);
    const { violations } = await frame.evaluate(() => window.axe.run(document, { iframes: false, resultTypes: ["violations"] }));
    all.push(...violations);
    looked.add(new URL(frame.url()).pathname);
  }
  return all.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join(" | ")}`);
}

async function play(name, story, impostor, size, scheme) {
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, bypassCSP: false });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const search = new Search(page, PLANTED);
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(`in the page: ${error.message}`));
  page.on("console", (line) => {
    // A refusal is part of some stories, and browsers note each.
    if (line.type() === "error" && !/status of 40[13]/.test(line.text())) wrong.push(`console: ${line.text()}`);
  });
  const title = `${name}${impostor ? ", impostor" : ""}, ${size}, ${scheme}`;
  const at = async (stage) => {
    wrong.push(...(await violations(page)).map((one) => `axe, ${stage}: ${one}`));
    await search.dom();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    if (wide) wrong.push(`${stage}: the page is wider than the screen`);
    for (const frame of page.frames().slice(1)) {
      const cut = await frame.evaluate(() => document.body.scrollHeight - document.documentElement.clientHeight).catch(() => 0);
      if (cut > 1) wrong.push(`${stage}: ${cut} pixels of ${new URL(frame.url()).pathname} are out of sight`);
    }
    const file = `${name}${impostor ? "-impostor" : ""}-${stage}-${size}-${scheme}`.replaceAll(/[ ,]+/g, "-");
    // As a person would have it on the screen.
    if (size === "phone") await page.evaluate(() => document.querySelector(".next")?.scrollIntoView({ block: "center" }));
    await page.screenshot({ path: `${folder}/${file}.png` });
  };
  const begun = Date.now();
  try {
    await page.goto(address);
    await page.locator("html[data-ready=yes]").waitFor();
    if (name !== "callback") await page.click(`[data-story=${name.split(",")[0]}]`);
    if (impostor) await page.locator("label.switch").click();
    await at("begins");
    // A story adds what else must not be on the desktop.
    await story(page, at, (what, value) => search.plant(what, value));
  } catch (error) {
    wrong.push(error.message.split("\n").slice(0, 4).join(" / "));
    await page.screenshot({ path: `${folder}/failed-${title.replaceAll(/[ ,]+/g, "-")}.png`, fullPage: true }).catch(() => {});
  }
  wrong.push(...(await search.found()));
  if (wrong.length === 0) wrong.push(...(await search.blind()));
  await context.close();
  failures += wrong.length;
  console.log(`${wrong.length === 0 ? "ok  " : "FAIL"} ${title}: ${Date.now() - begun} ms, ${search.bytes} bytes searched`);
  for (const one of wrong) console.log(`     ${one}`);
}

const full = process.env.COUNTERSIGN_DEPTH !== "quick";
for (const [size, scheme] of [["desk", "light"], ["phone", "dark"]]) {
  // In a quick run, a narrow screen sees the story with the most on it, and the one with the frame.
  const shown = (name, impostor) => (only ? [name, name.split(",")[0]].includes(only) : full || size === "desk" || (!impostor && ["transfer", "payment", "payment, asked", "calls"].includes(name)));
  for (const [name, story] of Object.entries(stories)) if (shown(name, false)) await play(name, story, false, size, scheme);
  for (const [name, story] of Object.entries(impostors)) if (shown(name, true)) await play(name, story, true, size, scheme);
}

if (!only || only === "payment") {
  for (const path of ["/", "/card", "/challenge"]) {
    if (looked.has(path)) continue;
    failures += 1;
    console.log(`FAIL axe has not looked at ${path}`);
  }
}
await browser.close();
service.removeAllListeners("exit");
service.kill("SIGINT");
console.log(failures === 0 ? "all stories went as they should" : `${failures} faults`);
process.exitCode = failures === 0 ? 0 : 1;
