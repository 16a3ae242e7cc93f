// Feeds standard input to Mermaid's own parser and fails if that finds a mistake. tests/exports.rs runs it.
//
// It needs node and two packages, which are no part of this project: `npm install mermaid jsdom` in any directory, and
// FORKSCOPE_NODE_MODULES set to that directory. Without them it says so and succeeds.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const text = readFileSync(0, "utf8");
const directory = process.env.FORKSCOPE_NODE_MODULES ?? ".";
const { resolve } = createRequire(pathToFileURL(`${directory}/`));

let jsdom, mermaidPath;
try {
  jsdom = await import(pathToFileURL(resolve("jsdom")));
  mermaidPath = resolve("mermaid");
} catch {
  console.log("mermaid and jsdom are not installed: not checked with them");
  process.exit(0);
}

// The parser cleans labels with a library that asks for a page.
const { window } = new jsdom.JSDOM("<!doctype html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(pathToFileURL(mermaidPath));
await mermaid.parse(text);
