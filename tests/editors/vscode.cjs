// Starts the extension of a folder with stand-ins for VS Code and for the client; prints what it did.
"use strict";
const Module = require("node:module");
const { join, resolve } = require("node:path");

const did = { clients: [], terminals: [], messages: [], commands: {}, watched: [] };
let granted, changed, refuse = false;
const none = { dispose() {} };
const vscode = {
  workspace: {
    isTrusted: false,
    getConfiguration: () => ({ get: (name, otherwise) => (name == "path" ? "/opt/fconn" : otherwise) }),
    createFileSystemWatcher: pattern => (did.watched.push(pattern), none),
    onDidChangeConfiguration: call => ((changed = call), none),
    onDidGrantWorkspaceTrust: call => ((granted = call), none),
  },
  commands: { registerCommand: (name, call) => ((did.commands[name] = call), none) },
  window: {
    showErrorMessage: text => did.messages.push(text),
    createTerminal: options => ({ show: () => did.terminals.push(options) }),
  },
};
class LanguageClient {
  constructor(id, name, server, options) {
    this.seen = { id, server, selector: options.documentSelector, stopped: false };
    this.middleware = options.middleware;
    did.clients.push(this);
  }
  start() { return refuse ? Promise.reject(new Error("ENOENT")) : Promise.resolve(); }
  needsStop() { return true; }
  stop() { this.seen.stopped = true; return Promise.resolve(); }
}
const load = Module._load;
Module._load = (name, ...more) =>
  name == "vscode" ? vscode : name == "vscode-languageclient/node" ? { LanguageClient } : load(name, ...more);

(async () => {
  const extension = require(join(resolve(process.argv[2]), "extension.js"));
  const context = { subscriptions: [] };
  await extension.activate(context);
  const beforeTrust = did.clients.length;
  await granted();
  const run = did.clients[0].middleware.executeCommand;
  await run("fconn.run", [], async () => ({ argv: ["fconn", "read", "shop.fconn", "a b"] }));
  const passed = await run("fconn.other", [1], async (command, args) => [command, args]);
  await changed({ affectsConfiguration: name => name == "fconn.path" });
  refuse = true;
  await did.commands["fconn.restart"]();
  await extension.deactivate();
  console.log(JSON.stringify({
    beforeTrust, passed, terminals: did.terminals, messages: did.messages, watched: did.watched,
    clients: did.clients.map(client => client.seen), subscriptions: context.subscriptions.length,
  }));
})();
