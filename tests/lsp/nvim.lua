-- A real editor: Neovim's own client, driven as a person drives it. Started by nvim.py, which gives FCONN_LSP (the
-- command), FCONN_PROJECT (a folder) and FCONN_TRANSCRIPT (a file). Ends with code 1 when something isn't as it should be.
local transcript = io.open(os.getenv("FCONN_TRANSCRIPT"), "w")
local project = os.getenv("FCONN_PROJECT")
local function say(text) transcript:write(text .. "\n"); transcript:flush() end
local function fail(text) say("FAIL: " .. text); transcript:close(); vim.cmd("cquit 1") end
local function holds(condition, what) if not condition then fail(what) end end
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then fail("waited in vain for " .. what) end
end
local function line_of(pattern)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(pattern, 1, true)
    if column then return number, column - 1, line end
  end
  fail("no line has " .. pattern)
end
local function go(pattern, more)
  local line, column = line_of(pattern)
  vim.api.nvim_win_set_cursor(0, { line, column + (more or 0) })
end
local function ask(method, params)
  local got = vim.lsp.buf_request_sync(0, method, params or vim.lsp.util.make_position_params(), 20000)
  holds(got and next(got), "no answer to " .. method)
  local _, answer = next(got)
  if answer.error then fail(method .. ": " .. vim.inspect(answer.error)) end
  return answer.result
end

local ok, problem = pcall(function()
  vim.cmd("filetype plugin on")
  require("fconn").setup({ cmd = { os.getenv("FCONN_LSP"), "lsp" } })
  vim.cmd("edit " .. project .. "/shop.fconn")
  holds(vim.bo.filetype == "fconn", "the file type is " .. vim.bo.filetype)
  wait("a client", function() return next(vim.lsp.get_active_clients()) ~= nil end)
  local client = vim.lsp.get_active_clients()[1].id
  wait("the server", function()
    local found = vim.lsp.get_client_by_id(client)
    return found ~= nil and found.initialized
  end)

  say("# colours of tools/editors/vim, before the server says anything")
  vim.cmd("syntax on")
  for _, one in ipairs({ { "version", "fconnKeyword" }, { "\"1.0.0\"", "fconnString" }, { "@user.contact", "fconnCategory" },
                         { "GET", "fconnMethod" }, { "string key", "fconnMark", 7 } }) do
    local line, column = line_of(one[1])
    local group = vim.fn.synIDattr(vim.fn.synID(line, column + 1 + (one[3] or 0), 1), "name")
    holds(group == one[2], one[1] .. " is " .. group)
    say(one[1] .. " " .. group)
  end

  say("\n# shop.fconn is opened: its mistake is shown")
  wait("a diagnostic", function() return #vim.diagnostic.get(0) > 0 end)
  for _, one in ipairs(vim.diagnostic.get(0)) do
    local line = vim.api.nvim_buf_get_lines(0, one.lnum, one.lnum + 1, false)[1]
    say(string.format("%d:%d %s %s", one.lnum + 1, one.col + 1, one.code or one.user_data.lsp.code, one.message))
    say("    " .. line)
    if one.severity == vim.diagnostic.severity.ERROR then
      holds(line:sub(one.col + 1, one.end_col) == "domian", "the range is " .. line:sub(one.col + 1, one.end_col))
    end
  end

  say("\n# code action: the repair is applied")
  go("domian")
  local actions = ask("textDocument/codeAction", vim.tbl_extend("force", vim.lsp.util.make_range_params(),
    { context = { diagnostics = {} } }))
  say(actions[1].title)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, "utf-16")
  wait("no diagnostic", function() return #vim.diagnostic.get(0) == 0 end)
  local _, _, repaired = line_of("https://{")
  say("    " .. repaired)

  say("\n# completion behind `c.`: the fields of another collection")
  go("{c.id}", 3)
  local names = {}
  for _, item in ipairs(ask("textDocument/completion").items) do names[#names + 1] = item.label end
  say(table.concat(names, " "))
  holds(vim.tbl_contains(names, "email") and vim.tbl_contains(names, "id"), "fields are missing")

  say("\n# omnifunc as <C-x><C-o> uses it, typing `kee` in a request")
  local line = line_of("rows .orders")
  vim.api.nvim_buf_set_lines(0, line, line, false, { "      kee" })
  vim.api.nvim_win_set_cursor(0, { line + 1, 8 })
  wait("the change to arrive", function() return #vim.diagnostic.get(0) > 0 end)
  names = {}
  vim.api.nvim_win_set_cursor(0, { line + 1, 9 })
  for _, item in ipairs(ask("textDocument/completion").items) do names[#names + 1] = item.label end
  holds(vim.tbl_contains(names, "keep"), "keep is missing in " .. table.concat(names, " "))
  say(table.concat(names, " "))
  vim.api.nvim_buf_set_lines(0, line, line + 1, false, {})
  wait("no diagnostic", function() return #vim.diagnostic.get(0) == 0 end)

  say("\n# hover")
  go("tidy(email)", 1)
  for _, text in ipairs(vim.lsp.util.convert_input_to_markdown_lines(ask("textDocument/hover").contents)) do say("    " .. text) end

  say("\n# definition in another file")
  vim.lsp.buf.definition()
  wait("lib.fconn", function() return vim.fn.expand("%:t") == "lib.fconn" end)
  say(vim.fn.expand("%:t") .. ":" .. vim.fn.line(".") .. ": " .. vim.fn.getline("."))
  holds(vim.fn.getline("."):find("fn tidy", 1, true), "not the declaration")
  vim.cmd("buffer shop.fconn")

  say("\n# definition in the standard library")
  go("bearer(", 1)
  vim.lsp.buf.definition()
  wait("auth.fconn", function() return vim.fn.expand("%:t") == "auth.fconn" end)
  say(vim.fn.expand("%:t") .. ":" .. vim.fn.line(".") .. ": " .. vim.fn.getline(".") .. (vim.bo.readonly and " (read-only)" or ""))
  holds(vim.fn.getline("."):find("auth bearer", 1, true), "not the declaration")
  vim.cmd("buffer shop.fconn")

  say("\n# references")
  go("tidy(email)", 1)
  local places = ask("textDocument/references", vim.tbl_extend("force", vim.lsp.util.make_position_params(),
    { context = { includeDeclaration = true } }))
  for _, item in ipairs(vim.lsp.util.locations_to_items(places, "utf-16")) do
    say(vim.fn.fnamemodify(item.filename, ":t") .. ":" .. item.lnum .. ": " .. item.text)
  end
  holds(#places == 2, "there are two places")

  say("\n# rename, across both files")
  vim.lsp.buf.rename("cleaned")
  wait("the rename", function() return vim.fn.search("cleaned(email)", "nw") > 0 end)
  local library = vim.fn.bufnr(project .. "/lib.fconn")
  wait("the other file", function()
    return vim.api.nvim_buf_get_lines(library, 0, 1, false)[1]:find("fn cleaned", 1, true) ~= nil
  end)
  say("lib.fconn: " .. vim.api.nvim_buf_get_lines(library, 0, 1, false)[1])
  local _, _, used = line_of("cleaned(email)")
  say("shop.fconn: " .. vim.trim(used))
  wait("no diagnostic", function() return #vim.diagnostic.get(0) == 0 end)

  say("\n# a rename that would hide another name is refused")
  go("for c in", 4)
  local got = vim.lsp.buf_request_sync(0, "textDocument/rename",
    vim.tbl_extend("force", vim.lsp.util.make_position_params(), { newName = "domain" }), 20000)
  local _, answer = next(got)
  holds(answer.error, "it wasn't refused")
  say(answer.error.message)

  say("\n# formatting")
  go("rows .orders")
  vim.api.nvim_buf_set_lines(0, vim.fn.line(".") - 1, vim.fn.line("."), false, { "          rows    .orders" })
  local laid_out = ask("textDocument/formatting", vim.lsp.util.make_formatting_params())
  vim.lsp.util.apply_text_edits(laid_out, 0, "utf-16")
  local _, _, rows = line_of(".orders")
  say(#laid_out .. " change: `" .. rows .. "`")
  holds(rows == "      rows .orders", "not laid out: " .. rows)

  say("\n# symbols of the document")
  for _, item in ipairs(vim.lsp.util.symbols_to_items(ask("textDocument/documentSymbol"), 0)) do
    say(item.lnum .. ": " .. item.text)
  end

  say("\n# the project file is looked at by the same server, and so is a test, which a lens runs")
  vim.cmd("edit " .. project .. "/fconn.toml")
  wait("a diagnostic", function() return #vim.diagnostic.get(0) > 0 end)
  say("fconn.toml:" .. vim.diagnostic.get(0)[1].lnum + 1 .. ": " .. vim.diagnostic.get(0)[1].message)
  vim.cmd("edit " .. project .. "/shop.test.fconn")
  wait("the test file", function() return vim.lsp.buf_is_attached(0, client) end)
  holds(#vim.lsp.get_active_clients() == 1, "there is one server")
  local lens = ask("textDocument/codeLens", { textDocument = vim.lsp.util.make_text_document_params() })[1].command
  local ran = ask("workspace/executeCommand", { command = lens.command, arguments = lens.arguments })
  say(lens.title .. ": " .. ran.text:gsub("\n", " | "))
  holds(ran.passed, "the test passes")

  say("\n# the server ends")
  vim.lsp.stop_client(client)
  wait("the end", function() return vim.lsp.get_client_by_id(client) == nil end)
  say("ok")
end)
if not ok then fail(tostring(problem)) end
transcript:close()
vim.cmd("qall!")
