// The words of fconn and what a line means (docs/language.md): a word is a keyword only where one may stand, and what
// belongs to a clause begins on its line. A word with AFTER has something behind it on its line, one with BEFORE
// something in front; one with OPERATOR is none where a `:` follows, for then it is a key.
import { ExternalTokenizer } from "@lezer/lr";
import * as terms from "./parser.terms.js";

const AFTER = 1, BEFORE = 2, OPERATOR = 4, COUNTED = 8;

// term: [words, what must hold]. The order decides where two terms of one word could stand.
const KEYWORDS = {
  edition: ["fconn", AFTER],
  use: ["use", AFTER], connector: ["connector", AFTER], extendsWord: ["extends", BEFORE | AFTER],
  baseAt: ["at", BEFORE | AFTER],
  version: ["version", AFTER], docs: ["docs", AFTER], category: ["category", AFTER], param: ["param", AFTER],
  secret: ["secret", AFTER], identity: ["identity", AFTER], external: ["external", AFTER], client: ["client", 0],
  fn: ["fn", AFTER], auth: ["auth", AFTER], pagination: ["pagination", AFTER], check: ["check", AFTER],
  consent: ["consent", AFTER], purposeFor: ["for", BEFORE | AFTER], purposeWord: ["purpose", AFTER],
  without: ["without", AFTER], collection: ["collection", AFTER], read: ["read", AFTER], update: ["update", AFTER],
  deleteWord: ["delete", AFTER], forSource: ["for", AFTER], inThen: ["in", AFTER], where: ["where", AFTER],
  emit: ["emit", AFTER], eraseAfter: ["erase_after", AFTER], prefer: ["prefer", AFTER], fields: ["fields", 0],
  defaultWord: ["default", BEFORE | AFTER], key: ["key", BEFORE], readonly: ["readonly", BEFORE],
  length: ["length", BEFORE | AFTER], format: ["format", BEFORE | AFTER], mask: ["mask", BEFORE | AFTER],
  needs: ["needs", BEFORE | AFTER], needsOr: ["or", BEFORE | AFTER], needsAnd: ["and", BEFORE | AFTER],
  via: ["via", BEFORE | AFTER], mediaAs: ["as", BEFORE | AFTER], as: ["as", AFTER], body: ["body", AFTER],
  skip: ["skip", AFTER], fail: ["fail", AFTER], on: ["on", AFTER], whenHere: ["when", BEFORE | AFTER],
  when: ["when", AFTER], headers: ["headers", AFTER], query: ["query", AFTER], rows: ["rows", AFTER],
  keep: ["keep", AFTER], map: ["map", AFTER], take: ["take", AFTER], value: ["value", AFTER], show: ["show", AFTER],
  base: ["base", AFTER], parallel: ["parallel", AFTER], idempotent: ["idempotent", 0], letWord: ["let", AFTER],
  paginate: ["paginate", AFTER], rate: ["rate", AFTER], retry: ["retry", AFTER], times: ["times", AFTER],
  backoff: ["backoff", AFTER], every: ["every", AFTER], timeout: ["timeout", AFTER], connect: ["connect", AFTER],
  until: ["until", AFTER], limitFor: ["for", BEFORE | AFTER], hosts: ["hosts", AFTER], stop: ["stop", AFTER],
  next: ["next", AFTER], tokenFetch: ["token", AFTER], login: ["login", AFTER], refresh: ["refresh", AFTER],
  challenge: ["challenge", AFTER], expires: ["expires", AFTER], margin: ["margin", BEFORE | AFTER],
  each: ["for", AFTER], test: ["test", AFTER], testConnector: ["connector", AFTER], caseWord: ["case", AFTER],
  testConsent: ["consent", AFTER], testPurpose: ["purpose", AFTER], testCollection: ["collection", AFTER], params: ["params", 0], secrets: ["secrets", 0],
  testIdentity: ["identity", 0], testExternal: ["external", 0], testToken: ["token", 0],
  policy: ["policy", 0], erase: ["erase", AFTER], reply: ["reply", AFTER],
  withWord: ["with", AFTER], expect: ["expect", AFTER], expectRows: ["row rows", AFTER | COUNTED],
  expectExit: ["exit", AFTER | COUNTED], expectRequest: ["request", AFTER | COUNTED],
  expectNo: ["no", AFTER | COUNTED], requestsWord: ["request requests", BEFORE | AFTER],
  expectStage: ["plan apply", AFTER | COUNTED], leaves: ["leaves", BEFORE | AFTER], actionNo: ["no", BEFORE | AFTER],
  actionWord: ["update updates delete deletes", BEFORE | AFTER],
  Direction: ["opt_in opt_out", AFTER], Preferred: ["delete update", 0],
  BodyFormat: ["json csv xml ndjson text bytes", 0], BodyKind: ["json form text xml multipart csv ndjson", AFTER],
  NextPart: ["url query headers body", AFTER], ExpiresHow: ["in at", AFTER],
  Outcome: ["complete skipped capped failed", BEFORE], ActionOutcome: ["done skipped pending failed", BEFORE],
  methodHere: ["GET POST PUT PATCH DELETE HEAD OPTIONS", BEFORE | AFTER],
  method: ["GET POST PUT PATCH DELETE HEAD OPTIONS", AFTER],
  comprehensionFor: ["for", OPERATOR], comprehensionIf: ["if", OPERATOR], ifWord: ["if", OPERATOR],
  thenWord: ["then", OPERATOR], elseWord: ["else", OPERATOR], orSign: ["or", OPERATOR], andSign: ["and", OPERATOR],
  compareSign: ["in matches", OPERATOR], inWord: ["in", 0], not: ["not", OPERATOR],
};
const RESERVED = new Set(("true false null if then else for in and or not matches " +
  "GET HEAD POST PUT PATCH DELETE OPTIONS").split(" "));
const OUTCOMES = /^[ \t]*(?:complete|skipped|capped|failed)(?!\w)/;

const keywordsOf = new Map();
for (const [term, [words, needs]] of Object.entries(KEYWORDS)) {
  if (!(term in terms)) throw new Error(`fconn.grammar has no term ${term}`);
  for (const word of words.split(" ")) {
    if (!keywordsOf.has(word)) keywordsOf.set(word, []);
    keywordsOf.get(word).push([terms[term], needs]);
  }
}

// ---- looking around ------------------------------------------------------------------------------

const isBlank = c => c == 32 || c == 9;
const isSpace = c => isBlank(c) || c == 10 || c == 13;
const isDigit = c => c >= 48 && c <= 57;
const isStart = c => c == 95 || (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
const isPart = c => isStart(c) || isDigit(c);
const code = text => text.charCodeAt(0);

/// What `follows` reads ahead: enough for every literal but a text.
function ahead(input, from, length) {
  let text = "";
  for (let i = from; i < from + length; ++i) {
    const c = input.peek(i);
    if (c < 0) break;
    text += String.fromCharCode(c);
  }
  return text;
}
/// Something stands before this place on its line.
function hasBefore(input) {
  let i = -1;
  while (isBlank(input.peek(i))) --i;
  return input.peek(i) >= 0 && input.peek(i) != 10;
}
/// Something that is no comment stands on the line from an offset on.
function hasAfter(input, from) {
  while (isBlank(input.peek(from))) ++from;
  const c = input.peek(from);
  return c >= 0 && c != 10 && c != 13 && c != code("#");
}
function glued(input) {
  const before = input.peek(-1);
  return before >= 0 && !isSpace(before);
}
/// The offset of what comes behind white space and comments.
function skipSpace(input, from) {
  for (;;) {
    while (isSpace(input.peek(from))) ++from;
    if (input.peek(from) != code("#")) return from;
    while (input.peek(from) >= 0 && input.peek(from) != 10) ++from;
  }
}
function wordLength(input) {
  if (!isStart(input.next)) return 0;
  let length = 1;
  while (isPart(input.peek(length))) ++length;
  return length;
}

// ---- words ---------------------------------------------------------------------------------------

function holds(input, length, needs) {
  if (needs & AFTER && !hasAfter(input, length)) return false;
  if (needs & BEFORE && !hasBefore(input)) return false;
  if (needs & OPERATOR && input.peek(skipSpace(input, length)) == code(":")) return false;
  return !(needs & COUNTED && OUTCOMES.test(ahead(input, length, 40)));
}
function take(input, term, length) {
  input.acceptToken(term, length);
  return true;
}

function keyword(input, stack, word) {
  for (const [term, needs] of keywordsOf.get(word) ?? []) {
    if (holds(input, word.length, needs) && stack.canShift(term)) return take(input, term, word.length);
  }
  return false;
}

// A word where an operand is missing, and which begins the next line as a clause would, is no operand.
function beginsNextItem(input, word) {
  if (hasBefore(input) || !keywordsOf.has(word)) return false;
  let next = word.length;
  while (isBlank(input.peek(next))) ++next;
  if (next == word.length) return false;
  const c = input.peek(next);
  if (isStart(c)) return !/^(?:true|false|null|if|then|else|for|in|and|or|not|matches)(?!\w)/.test(ahead(input, next, 8));
  return c >= 0 && ".\"'{[/0123456789".includes(String.fromCharCode(c));
}

function word(input, stack) {
  const length = wordLength(input);
  if (!length) return false;
  const text = ahead(input, 0, length);
  const colon = () => input.peek(skipSpace(input, length)) == code(":");
  if (stack.canShift(terms.ArgumentName) && colon()) {
    return take(input, terms.ArgumentName, skipSpace(input, length) + 1);
  }
  for (const term of [terms.FieldName, terms.Key]) {
    if (!stack.canShift(term)) continue;
    let end = length;
    while (isPart(input.peek(end)) || input.peek(end) == code("-")) ++end;
    return take(input, term, end);
  }
  if (text == "xml" && input.peek(3) == code('"') && openString(input, stack, 3)) return true;
  if (keyword(input, stack, text)) return true;
  if (stack.canShift(terms.newEntry) && !hasBefore(input)) return take(input, terms.newEntry, 0);
  const reserved = RESERVED.has(text);
  if (stack.canShift(terms.variable)) {
    if (text == "true" || text == "false") return take(input, terms.Boolean, length);
    if (text == "null") return take(input, terms.Null, length);
    if (reserved || beginsNextItem(input, text)) return false;
    const called = input.peek(length) == code("(");
    return take(input, called ? terms.callee : terms.variable, length);
  }
  for (const term of [terms.declared, terms.pipeName]) {
    if (!reserved && stack.canShift(term)) return take(input, term, length);
  }
  if (stack.canShift(terms.nameThen) && hasAfter(input, length)) return take(input, terms.nameThen, length);
  for (const term of [terms.name, terms.TypeName]) {
    if (stack.canShift(term)) return take(input, term, length);
  }
  return false;
}

// ---- literals ------------------------------------------------------------------------------------

const UNITS = { s: 1000n, m: 60000n, h: 3600000n, d: 86400000n, KiB: 1n << 10n, MiB: 1n << 20n, GiB: 1n << 30n };

function numberLength(input) {
  const text = ahead(input, 0, 400);
  const decimal = /^\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?!\w)/.exec(text);
  if (decimal) return decimal[0].length;
  const whole = /^(\d+)(ms|[smhd]|KiB|MiB|GiB|B)?(?!\w)/.exec(text);
  if (!whole) return 0;
  const most = (1n << 63n) - (input.peek(-1) == code("-") ? 0n : 1n);
  return BigInt(whole[1]) > most / (UNITS[whole[2]] ?? 1n) ? 0 : whole[0].length;
}
function statusLength(input) {
  const found = /^(?:([1-5])xx|(\d{3})(?:\.\.(\d{3}))?)(?!\w)/.exec(ahead(input, 0, 9));
  if (!found) return 0;
  const inRange = text => text >= "100" && text <= "599";
  const high = found[3] ?? found[2];
  return found[1] || (inRange(found[2]) && inRange(high) && found[2] <= high) ? found[0].length : 0;
}
function number(input, stack) {
  if (!isDigit(input.next)) return false;
  if (stack.canShift(terms.newEntry)) return false;
  if (stack.canShift(terms.Status)) {
    const length = statusLength(input);
    return length > 0 && take(input, terms.Status, length);
  }
  for (const [term, form] of [[terms.LengthNumber, /^\d+(?!\w)/], [terms.EditionNumber, /^0*1(?!\w)/]]) {
    if (!stack.canShift(term)) continue;
    const found = form.exec(ahead(input, 0, 40));
    return found != null && take(input, term, found[0].length);
  }
  const length = stack.canShift(terms.Number) ? numberLength(input) : 0;
  return length > 0 && take(input, terms.Number, length);
}

/// The length of an escape sequence at an offset; 0 for none that exists.
function escapeLength(input, at) {
  const c = String.fromCharCode(Math.max(0, input.peek(at + 1)));
  if ("ntrbf\"\\/{}".includes(c)) return 2;
  if (c != "u") return 0;
  const text = ahead(input, at, 12);
  const braced = /^\\u\{([0-9a-fA-F]{1,7})\}/.exec(text);
  if (braced) {
    const point = parseInt(braced[1], 16);
    return point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? 0 : braced[0].length;
  }
  const single = /^\\u([0-9a-fA-F]{4})/.exec(text);
  if (!single) return 0;
  const unit = parseInt(single[1], 16);
  if (unit < 0xd800 || unit >= 0xe000) return 6;
  return /^\\u[dD][89abAB]..\\u[dD][c-fC-F][0-9a-fA-F]{2}/.test(text) ? 12 : 0;
}
/// The length of a text that holds no hole, `"odd name"`, with its quotes.
function oddLength(input, from) {
  if (input.peek(from) != code('"')) return 0;
  for (let i = from + 1; ;) {
    const c = input.peek(i);
    if (c == code('"')) return i + 1 - from;
    if (c < 0 || c == 10 || c == 13 || c == code("{")) return 0;
    const step = c == code("\\") ? escapeLength(input, i) : 1;
    if (!step) return 0;
    i += step;
  }
}
function isTriple(input, from) {
  return input.peek(from + 1) == input.peek(from) && input.peek(from + 2) == input.peek(from);
}
function openString(input, stack, from) {
  const block = isTriple(input, from);
  const term = block ? terms.blockOpen : terms.quotedOpen;
  if (stack.canShift(terms.labelHere)) return hasBefore(input) && take(input, terms.labelHere, 0);
  return stack.canShift(term) && take(input, term, from + (block ? 3 : 1));
}
function doubleQuote(input, stack) {
  if (input.next != code('"')) return false;
  if (stack.canShift(terms.newEntry) && !hasBefore(input)) return take(input, terms.newEntry, 0);
  for (const term of [terms.FieldName, terms.Key, terms.oddNameThen, terms.OddName]) {
    if (!stack.canShift(term)) continue;
    const length = oddLength(input, 0);
    if (!length || (term == terms.oddNameThen && !hasAfter(input, length))) return false;
    return take(input, term, length);
  }
  return openString(input, stack, 0);
}
function singleQuote(input, stack) {
  if (input.next != code("'")) return false;
  if (stack.canShift(terms.labelHere)) return hasBefore(input) && take(input, terms.labelHere, 0);
  if (!stack.canShift(terms.RawString)) return false;
  const block = isTriple(input, 0);
  for (let i = block ? 3 : 1; ; ++i) {
    const c = input.peek(i);
    if (c < 0 || (!block && (c == 10 || c == 13))) return false;
    if (c == code("'") && (!block || isTriple(input, i))) return take(input, terms.RawString, i + (block ? 3 : 1));
  }
}

/// Inside of a string: its text, a hole's brace, or its end.
function insideString(input, stack) {
  const block = stack.canShift(terms.BlockText);
  if (!block && !stack.canShift(terms.QuotedText)) return false;
  const ends = at => input.peek(at) == code('"') && (!block || isTriple(input, at));
  if (ends(0)) return take(input, block ? terms.blockEnd : terms.quotedEnd, block ? 3 : 1);
  if (input.next == code("{")) return take(input, terms.holeOpen, 1);
  let length = 0;
  for (;;) {
    const c = input.peek(length);
    if (c < 0 || c == code("{") || ends(length) || (!block && (c == 10 || c == 13))) break;
    const step = c == code("\\") ? escapeLength(input, length) : 1;
    if (!step) return true;  // no token: an error
    length += step;
  }
  if (length) take(input, block ? terms.BlockText : terms.QuotedText, length);
  return true;
}

// ---- paths and signs -----------------------------------------------------------------------------

function target(input, stack) {
  const first = stack.canShift(terms.TargetText);
  if (!first && !(stack.canShift(terms.PathText) && glued(input))) return false;
  if (input.next == code("{")) {
    return take(input, first ? terms.targetHoleOpen : terms.pathHoleOpen, input.peek(1) == code("+") ? 2 : 1);
  }
  if (first && input.next != code("/") && ahead(input, 0, 4) != "http") return false;
  let length = 0;
  for (let c = input.next; c >= 0 && !isSpace(c) && !"{}".includes(String.fromCharCode(c)); c = input.peek(++length)) {
    if (c == code("?") || c == code("#")) return take(input, terms.RawString, length + 1);  // fits nowhere
  }
  return length > 0 && take(input, first ? terms.TargetText : terms.PathText, length);
}

function dots(input, stack) {
  if (input.next != code(".")) return false;
  if (input.peek(1) == code(".")) {
    const three = input.peek(2) == code(".");
    if (three && stack.canShift(terms.newEntry) && !hasBefore(input)) return take(input, terms.newEntry, 0);
    if (three && stack.canShift(terms.spreadSign)) return take(input, terms.spreadSign, 3);
    return stack.canShift(terms.rangeHere) && hasBefore(input) && hasAfter(input, 2) &&
      take(input, terms.rangeHere, 2);
  }
  let length = 1;
  if (isStart(input.peek(1))) {
    while (isPart(input.peek(length))) ++length;
  } else if (input.peek(1) == code("[")) {
    const odd = oddLength(input, 2);
    if (odd && input.peek(2 + odd) == code("]")) length = 3 + odd;
  }
  if (glued(input) && stack.canShift(terms.MemberName)) return length > 1 && take(input, terms.MemberName, length);
  return stack.canShift(terms.Path) && take(input, terms.Path, length);
}

const OPENERS = { "(": [[terms.callOpen, glued], [terms.paramsOpen, hasBefore], [terms.parenOpen, () => true]],
  "[": [[terms.indexOpen, glued]], "{": [[terms.braceHere, hasBefore]],
  ",": [[terms.commaHere, hasBefore]], ":": [[terms.colonHere, hasBefore], [terms.fieldColon, input => hasBefore(input) && hasAfter(input, 1)]] };

function sign(input, stack) {
  const c = String.fromCharCode(Math.max(0, input.next));
  const second = input.peek(1);
  for (const [term, fits] of Object.hasOwn(OPENERS, c) ? OPENERS[c] : []) {
    if (fits(input) && stack.canShift(term)) return take(input, term, 1);
  }
  if (c == "[" && stack.canShift(terms.newEntry) && !hasBefore(input)) return take(input, terms.newEntry, 0);
  if (c == "=" && second != code("=") && hasBefore(input) && stack.canShift(terms.equalsHere)) {
    return take(input, terms.equalsHere, 1);
  }
  if (stack.canShift(terms.compareSign)) {
    if ("=!<>".includes(c) && second == code("=")) return take(input, terms.compareSign, 2);
    if (c == "<" || c == ">") return take(input, terms.compareSign, 1);
  }
  if (c == "|") {
    if (stack.canShift(terms.choiceBar)) return take(input, terms.choiceBar, 1);
    return second != code("|") && stack.canShift(terms.bar) && take(input, terms.bar, 1);
  }
  if (c == "/" && stack.canShift(terms.RateUnit) && hasBefore(input)) {
    const found = /^\/[ \t]*[smhd](?!\w)/.exec(ahead(input, 0, 40));
    return found != null && take(input, terms.RateUnit, found[0].length);
  }
  if (c == "@" && stack.canShift(terms.Category) && hasBefore(input)) {
    const found = /^@[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/.exec(ahead(input, 0, 400));
    return found != null && take(input, terms.Category, found[0].length);
  }
  return false;
}

/// A field ends with its line, before the block's end, or at a comma; an operator continues a mask.
function endOfField(input, stack) {
  if (isSpace(input.next) || input.next == code("#") || !stack.canShift(terms.fieldEnd)) return false;
  const c = input.next < 0 ? "" : String.fromCharCode(input.next);
  if (hasBefore(input) && c != "}" && c != "") return false;
  if (c != "" && "=!<>+-*/%?|".includes(c)) return false;
  const length = wordLength(input);
  if (length && /^(?:or|and|in|matches)$/.test(ahead(input, 0, length)) && stack.canShift(terms.compareSign) &&
      input.peek(skipSpace(input, length)) != code(":")) return false;
  return take(input, terms.fieldEnd, 0);
}

export const layout = new ExternalTokenizer((input, stack) => {
  if (insideString(input, stack)) return;
  if (isSpace(input.next) || (input.next == code("#") && !(stack.canShift(terms.PathText) && glued(input)))) return;
  target(input, stack) || endOfField(input, stack) || word(input, stack) || number(input, stack) ||
    doubleQuote(input, stack) || singleQuote(input, stack) || dots(input, stack) || sign(input, stack);
}, { contextual: true });
