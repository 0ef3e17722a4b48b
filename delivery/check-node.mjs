// Plain JavaScript that is loaded first: without it an older Node fails with a syntax or type error.
import { readFileSync } from "node:fs";

const { engines } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const needed = Number.parseInt(engines.node.replace(/^>=/, ""), 10);

if (Number.parseInt(process.versions.node, 10) < needed) {
  console.error(
    `Slipway needs Node ${needed} or newer; this is Node ${process.versions.node} (${process.execPath}). ` +
      "Install it (.node-version names the tested version) and run the command again.",
  );
  process.exit(1);
}
