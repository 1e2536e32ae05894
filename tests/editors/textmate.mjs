// Tokenizes texts with the TextMate grammar; prints what disagrees with the Lezer grammar, token by token.
// usage: textmate.mjs GRAMMAR TEXTS(.json: {name: text}) TABLE(.json: [[text, piece, scope], ...])
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parser } from "./lezer/parser.js";
const require = createRequire(import.meta.url);
const { Registry, INITIAL, parseRawGrammar } = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

const wasm = readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
const [grammarFile, textsFile, tableFile] = process.argv.slice(2);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: patterns => new oniguruma.OnigScanner(patterns),
    createOnigString: text => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => parseRawGrammar(readFileSync(grammarFile, "utf8"), grammarFile),
});
const grammar = await registry.loadGrammar("source.fconn");

/// [{from, to, scopes}] of a whole text.
function tokens(text) {
  const found = [];
  let state = INITIAL, offset = 0;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, state);
    for (const token of result.tokens) {
      found.push({ from: offset + token.startIndex, to: offset + token.endIndex, scopes: token.scopes.slice(1) });
    }
    state = result.ruleStack;
    offset += line.length + 1;
  }
  found.depth = state.depth;
  return found;
}

// What each node of the other grammar has to be here, by the innermost scope that says anything.
const KEYWORD = /^(?:keyword|storage)\./, NAME = /^(?:variable|entity|support|constant\.other|keyword\.other\.choice)/;
const FORMS = {
  Keyword: KEYWORD, ControlKeyword: KEYWORD, OperatorKeyword: KEYWORD, CompareOperator: KEYWORD, Operator: KEYWORD,
  Method: /^keyword\.other\.method/, Direction: KEYWORD, Preferred: KEYWORD, BodyFormat: KEYWORD, BodyKind: KEYWORD,
  NextPart: KEYWORD, ExpiresHow: KEYWORD, Outcome: KEYWORD,
  Variable: NAME, Function: /^entity\.name\.function/, Key: /^(?:variable\.other\.property|string|punctuation)/, Name: NAME,
  FieldName: /^(?:variable\.other\.property|string|punctuation)/, ArgumentName: /^(?:variable|punctuation)/, TypeName: /^support\.type/,
  MemberName: /^(?:variable|string|punctuation)/, Path: /^(?:variable|punctuation|string)/,
  Number: /^constant\.numeric/, Status: /^(?:constant\.numeric|keyword\.operator\.range)/, LengthNumber: /^constant\.numeric/,
  Boolean: /^constant\.language/, Null: /^constant\.language/, Category: /^support\.constant\.category/,
  Comment: /^comment\.line\.number-sign/, DocComment: /^comment\.line\.documentation/,
  TargetText: /^string\.unquoted\.path/, PathText: /^string\.unquoted\.path/, RawString: /^(?:string|punctuation\.definition)/,
  QuotedText: /^(?:string|constant\.character\.escape)/, BlockText: /^(?:string|constant\.character\.escape)/,
};

const problems = [], seen = new Set(), words = new Set();
let compared = 0;
for (const [name, text] of Object.entries(JSON.parse(readFileSync(textsFile, "utf8")))) {
  const found = tokens(text);
  const say = (from, what) => problems.push(`${name}:${text.slice(0, from).split("\n").length}: ${what}`);
  if (found.depth != 1) problems.push(`${name}: ${found.depth - 1} rules are still open at the end`);
  for (const token of found) {
    if (token.scopes.some(scope => scope.startsWith("invalid"))) say(token.from, `invalid: ${text.slice(token.from, token.to)}`);
  }
  let at = 0;
  parser.parse(text).iterate({
    enter(node) {
      const form = FORMS[node.name];
      if (!form || node.to == node.from) return;
      seen.add(node.name);
      if (form == KEYWORD) words.add(text.slice(node.from, node.to));
      while (found[at].to <= node.from) ++at;
      for (let i = at; i < found.length && found[i].from < node.to; ++i) {
        const piece = text.slice(Math.max(found[i].from, node.from), Math.min(found[i].to, node.to));
        if (!piece.trim()) continue;
        ++compared;
        const scope = found[i].scopes.at(-1) ?? "";
        if (!form.test(scope)) say(node.from, `${node.name} \`${piece}\` is ${scope || "nothing"}`);
      }
    },
  });
}
for (const [text, piece, scope] of JSON.parse(readFileSync(tableFile, "utf8"))) {
  const at = text.indexOf(piece);
  const token = tokens(text).find(token => token.from <= at && at < token.to);
  if (!token?.scopes.some(found => found.startsWith(scope))) {
    problems.push(`${JSON.stringify(piece)} in ${JSON.stringify(text)} is ${token?.scopes.join(" ")}, not ${scope}`);
  }
}
const unseen = Object.keys(FORMS).filter(node => !seen.has(node));
console.log(JSON.stringify({ problems, compared, unseen, words: [...words] }));
