// Starts `fconn lsp` for .fconn files and fconn.toml. What an API is asked for runs in a terminal, where it can be seen
// and stopped, with the command that the server gives.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

const program = () => vscode.workspace.getConfiguration("fconn").get("path", "fconn");

function start() {
  const command = program();
  client = new LanguageClient("fconn", "fconn", { command, args: ["lsp"] }, {
    documentSelector: [{ language: "fconn" }, { pattern: "**/fconn.toml" }, { pattern: "**/*.fconn.toml" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*{.fconn,fconn.toml}") },
    middleware: { executeCommand: inTerminal },
  });
  return client.start().catch(problem => vscode.window.showErrorMessage(
    `${command} lsp can't be started: ${problem.message}. Set fconn.path to where the program is.`));
}

// A terminal goes when its program ends, and what an API answered would go with it: a shell waits for Enter.
const stays = '"$@"; printf "\\n[ended with %s; Enter closes]" "$?"; read -r _';

async function inTerminal(command, args, next) {
  const result = await next(command, args);
  if (!Array.isArray(result?.argv)) return result;
  const words = result.argv.slice(1);
  // The server calls itself `fconn`; which program that is, the setting says.
  vscode.window.createTerminal({
    name: `fconn ${words[0] ?? ""}`.trim(), shellPath: "/bin/sh", shellArgs: ["-c", stays, "fconn", program(), ...words],
  }).show();
  return undefined;
}

async function restart() {
  await deactivate();
  return start();
}

exports.activate = async context => {
  context.subscriptions.push(
    vscode.commands.registerCommand("fconn.restart", restart),
    vscode.workspace.onDidChangeConfiguration(change => change.affectsConfiguration("fconn.path") && restart()));
  if (vscode.workspace.isTrusted) return start();
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(start));
};

async function deactivate() {
  const running = client;
  client = undefined;
  if (running?.needsStop()) await running.stop();
}
exports.deactivate = deactivate;
