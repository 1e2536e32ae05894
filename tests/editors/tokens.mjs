// The tokens of each text of a JSON object, by the Lezer grammar: {name: [[line, column in bytes, node], ...]}, from 1.
import { readFileSync } from "node:fs";
import { parser } from "./lezer/parser.js";

const found = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  const tokens = [], lines = text.split("\n");
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1) + line.length + 1);
  let line = 0;
  parser.parse(text).iterate({
    enter(node) {
      if (node.node.firstChild || node.to == node.from) return;
      const piece = text.slice(node.from, node.to), from = node.from + Math.max(0, piece.search(/\S/));
      while (starts[line + 1] <= from) ++line;
      const before = text.slice(starts[line], from);
      tokens.push([line + 1, Buffer.byteLength(before) + 1, node.name, piece.trim().slice(0, 30)]);
    },
  });
  found[name] = tokens;
}
console.log(JSON.stringify(found));
