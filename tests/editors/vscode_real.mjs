// Drives VS Code in a browser: node vscode_real.mjs URL SCREENSHOT CHROMIUM LOG. Prints what was seen as JSON. LOG is where the
// program writes the words that it is started with.
import { existsSync, readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";

const [url, shot, chromium, log] = process.argv.slice(2);
const patience = 60000;
const browser = await puppeteer.launch({
  executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"], headless: true, defaultViewport: { width: 1280, height: 1000 },
});
const page = await browser.newPage();
page.setDefaultTimeout(patience);
const texts = selector => page.$$eval(selector, all => all.map(one => one.textContent));
const press = async (...keys) => {
  for (const key of keys.slice(0, -1)) await page.keyboard.down(key);
  await page.keyboard.press(keys.at(-1));
  for (const key of keys.slice(0, -1)) await page.keyboard.up(key);
};
const until = async (what, holds) => {
  const end = Date.now() + patience;
  for (;;) {
    const got = await what();
    if (holds(got) || Date.now() > end) return got;
    await new Promise(go => setTimeout(go, 100));
  }
};
const seen = {};
try {
  await page.goto(url);
  const file = await page.waitForSelector('.explorer-folders-view .monaco-list-row[aria-label^="shop.fconn"]');
  await file.click({ count: 2 });
  await page.waitForSelector(".squiggly-error");
  seen.lenses = await until(() => texts(".codelens-decoration a"), got => got.length >= 4);
  seen.language = await texts("#status\\.editor\\.mode");
  seen.markers = await until(() => texts("#status\\.problems"), got => !/^\s*0/.test(got[0] ?? " 0"));
  // To the place that is marked, and a member of what `for` binds.
  await press("Control", "g");
  await page.waitForSelector(".quick-input-widget input");
  await page.keyboard.type("31:20");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".quick-input-widget", { hidden: true });
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.keyboard.type("keep .id == c.");
  seen.completion = await until(() => texts(".suggest-widget.visible .monaco-list-row .label-name"), got => got.length > 0);
  await page.screenshot({ path: shot });
  await page.keyboard.press("Escape");
  // Lenses are drawn anew while the server answers, and a click on an old one is lost. The terminal goes with the page.
  const started = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
  seen.started = await until(async () => {
    await (await page.$(".codelens-decoration a"))?.click().catch(() => {});
    for (let i = 0; i < 50 && !started().some(line => line.startsWith("read ")); ++i) await new Promise(go => setTimeout(go, 100));
    return started();
  }, got => got.some(line => line.startsWith("read ")));
} catch (problem) {
  seen.problem = problem.message;
  await page.screenshot({ path: shot });
}
await browser.close();
console.log(JSON.stringify(seen));
