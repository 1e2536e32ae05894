// Starts `fconn lsp` for .fconn files and fconn.toml. What an API is asked for runs in a terminal, where it can be seen
// and stopped, with the command that the server gives.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function start() {
  const command = vscode.workspace.getConfiguration("fconn").get("path", "fconn");
  client = new LanguageClient("fconn", "fconn", { command, args: ["lsp"] }, {
    documentSelector: [{ language: "fconn" }, { pattern: "**/fconn.toml" }, { pattern: "**/*.fconn.toml" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*{.fconn,fconn.toml}") },
    middleware: { executeCommand: inTerminal },
  });
  return client.start().catch(problem => vscode.window.showErrorMessage(
    `${command} lsp can't be started: ${problem.message}. Set fconn.path to where the program is.`));
}

async function inTerminal(command, args, next) {
  const result = await next(command, args);
  if (!Array.isArray(result?.argv)) return result;
  const [shellPath, ...shellArgs] = result.argv;
  vscode.window.createTerminal({ name: result.argv.slice(1, 2).join(" ") || "fconn", shellPath, shellArgs }).show();
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
