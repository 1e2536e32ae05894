-- Starts `fconn lsp` for .fconn files and fconn.toml: Neovim 0.7 and later.
-- In init.lua: require("fconn").setup(), or with { cmd = { "/path/to/fconn", "lsp" } }.
local M = { cmd = { "fconn", "lsp" } }
local clients = {} -- by root, where Neovim doesn't keep account itself (0.7)

-- The folder of the nearest fconn.toml, or else the file's own.
local function root_of(file)
  local folder = vim.fn.fnamemodify(file, ":p:h")
  local project = vim.fn.findfile("fconn.toml", vim.fn.escape(folder, " ,;") .. ";")
  return project ~= "" and vim.fn.fnamemodify(project, ":p:h") or folder
end

local function client_of(root, buffer)
  local config = {
    name = "fconn", cmd = M.cmd, root_dir = root,
    workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
  }
  if vim.lsp.start then return vim.lsp.start(config, { bufnr = buffer }) end
  if not clients[root] or not vim.lsp.get_client_by_id(clients[root]) then
    clients[root] = vim.lsp.start_client(config)
  end
  vim.lsp.buf_attach_client(buffer, clients[root])
  return clients[root]
end

-- What asks an API runs in a terminal, with the command that the server gives.
local function in_terminal(command, context)
  local params = { command = command.command, arguments = command.arguments }
  vim.lsp.buf_request(context.bufnr, "workspace/executeCommand", params, function(problem, result)
    if problem then return vim.notify(problem.message, vim.log.levels.ERROR) end
    vim.cmd("botright new")
    vim.fn.termopen(result.argv)
  end)
end

function M.attach(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  if file == "" then return end
  vim.bo[buffer].omnifunc = "v:lua.vim.lsp.omnifunc"
  -- A copy of a text inside the program belongs to whoever led to it.
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local copy = file:match("/fconn/[%d.]+/stdlib/") or file:match("/fconn/[%d.]+/connectors/")
  for _, client in ipairs(copy and get() or {}) do
    if client.name == "fconn" then
      vim.lsp.buf_attach_client(buffer, client.id)
      return client.id
    end
  end
  return client_of(root_of(file), buffer)
end

function M.setup(options)
  M.cmd = options and options.cmd or M.cmd
  vim.lsp.commands["fconn.run"] = in_terminal
  vim.lsp.commands["fconn.step"] = in_terminal
  local group = vim.api.nvim_create_augroup("fconn", { clear = true })
  local attach = function(event) M.attach(event.buf) end
  vim.api.nvim_create_autocmd("FileType", { group = group, pattern = "fconn", callback = attach })
  vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" },
    { group = group, pattern = { "fconn.toml", "*.fconn.toml" }, callback = attach })
end

return M
