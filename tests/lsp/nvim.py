#!/usr/bin/env python3
"""The language server in a real editor: Neovim, headless, with the files of tools/editors/vim. Prints the transcript.
Usage: nvim.py FCONN ROOT. Skipped (exit code 77) where there is no nvim."""
import os, shutil, subprocess, sys, tempfile

SHOP = '''use "lib.fconn"

connector shop "Shop" {
  version "1.0.0"
  docs    "https://shop.example.com/docs"

  param  domain: host
  secret api_key

  identity email

  client {
    base "https://{domian}/v1"
    auth bearer(api_key)
  }

  collection customer {
    read GET /customers {
      query { email: tidy(email) }
    }
    fields default @system.operations {
      id: string key
      email: string @user.contact.email
    }
  }

  collection order {
    for c in customer
    read GET /customers/{c.id}/orders {
      rows .orders
    }
    fields {
      id: string key @system.operations
    }
  }
}
'''
TOML = '''[instances.shop]
connector = "./shop.fconn"
params    = { domian = "shop.example.com" }
secrets   = { api_key = { env = "SHOP_KEY" } }
'''
TEST = '''test "nobody is there" {
  connector "shop.fconn"
  params    { domain: "shop.example.com" }
  secrets   { api_key: "k" }
  identity  { email: "ada@example.com" }
  reply GET /v1/customers with 200 {
    body json []
  }
  expect rows customer []
  expect customer complete
}
'''
LIB = "fn tidy(text) = text | trim | lower\n"


def main():
    fconn, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    nvim = shutil.which("nvim")
    if not nvim:
        print("SKIPPED: there is no nvim (tools/setup --with-tests installs it), so no real editor was tried")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        project = os.path.join(os.path.realpath(folder), "shop")
        os.makedirs(project)
        for name, text in (("shop.fconn", SHOP), ("lib.fconn", LIB), ("fconn.toml", TOML), ("shop.test.fconn", TEST)):
            with open(os.path.join(project, name), "w") as out: out.write(text)
        transcript = os.path.join(folder, "transcript")
        env = {**os.environ, "FCONN_LSP": fconn, "FCONN_PROJECT": project, "FCONN_TRANSCRIPT": transcript, "HOME": folder,
               "XDG_CACHE_HOME": os.path.join(folder, "cache"), "XDG_CONFIG_HOME": os.path.join(folder, "config"),
               "XDG_DATA_HOME": os.path.join(folder, "data"), "XDG_STATE_HOME": os.path.join(folder, "state")}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nvim.lua")
        run = subprocess.run([nvim, "--headless", "-n", "-i", "NONE", "-u", "NONE",
                              "--cmd", "set runtimepath^=" + os.path.join(root, "tools", "editors", "vim"),
                              "-c", "luafile " + script], env=env, cwd=project, timeout=120, capture_output=True, text=True)
        if os.path.exists(transcript): print(open(transcript).read().replace(project + "/", ""))
        if run.returncode: print(f"nvim ended with {run.returncode}\n{run.stdout}{run.stderr}")
        return 1 if run.returncode else 0


if __name__ == "__main__": sys.exit(main())
