// Parses each text of a JSON object; prints where the first that can't be read begins, null where there is no mistake.
import { readFileSync } from "node:fs";
import { parser } from "./lezer/parser.js";

const strict = parser.configure({ strict: true });
const places = {};
for (const [name, text] of Object.entries(JSON.parse(readFileSync(process.argv[2], "utf8")))) {
  places[name] = null;
  try {
    strict.parse(text);
  } catch (error) {
    const place = /^No parse at (\d+)/.exec(error.message);
    if (!place) throw error;
    places[name] = Number(place[1]);
  }
}
console.log(JSON.stringify(places));
