// Before packaging: the grammar lies beside this folder, and a package holds only what is inside.
"use strict";
const { copyFileSync, mkdirSync } = require("node:fs");
const { join } = require("node:path");

mkdirSync(join(__dirname, "syntaxes"), { recursive: true });
copyFileSync(join(__dirname, "../textmate/fconn.tmLanguage.json"), join(__dirname, "syntaxes/fconn.tmLanguage.json"));
