"""What scripted sessions share: a client in a folder of its own, texts, comparisons. In texts, `¦` is where the cursor
is; it isn't sent."""
import os, sys, tempfile
from client import Client, path_of, slice_of

FCONN = os.path.abspath(sys.argv[1])
TESTS = []

SHOP = '''## Orders of a shop.
connector shop "Shop" {
  version "1.0.0"
  docs    "https://shop.example.com/docs"

  ## API host, without scheme.
  param  domain: host
  secret api_key "API key"

  identity email

  client {
    base "https://{domain}/v1"
    auth bearer(api_key)
  }

  check GET /ping

  ## Who bought something.
  collection customer {
    read GET /customers {
      query    { email: email, limit: 100 }
      rows     .customers
      keep     .email == email
      paginate cursor(.next, "cursor")
    }
    update PUT /customers/{row.id} {
      body json masked
    }
    fields default @system.operations {
      id: string key
      email: string @user.contact.email
      address: { city: string @user.contact.address.city }
    }
  }

  collection order {
    for c in customer
    read GET /customers/{c.id}/orders {
      rows .orders
      keep total_of(.) > 0
    }
    fields {
      id: string key @system.operations
    }
  }

  fn total_of(order, fallback = 0) = order.total ?? fallback
}
'''


LIB = 'fn tidy(text) = text | trim | lower\n'
USES = '''use "lib.fconn"

connector user "User" {
  version "1.0.0"
  docs    "https://example.com/"

  identity email

  client {
    base "https://example.com"
  }

  collection person {
    read GET /people {
      query { email: tidy(email) }
    }
    fields {
      id: string key @user.unique_id
    }
  }
}
'''

SHOP_TEST = '''test "pages" {
  connector "shop.fconn"
  params    { domain: "shop.example.com" }
  secrets   { api_key: "k" }
  identity  { email: "ada@example.com" }
  reply GET /v1/customers with 200 { body json { customers: [] } }
  expect rows customer []
  expect customer complete
}
'''
SHOP_TOML = '[instances.shop]\nconnector = "./shop.fconn"\nparams = { domain = "shop.example.com" }\n' \
            'secrets = { api_key = { env = "SHOP_KEY" } }\n'


def test(function):
    TESTS.append(function)
    return function


def equal(got, wanted, what=""):
    if got != wanted: raise AssertionError(f"{what}\n  got    {got!r}\n  wanted {wanted!r}")


def holds(condition, what):
    if not condition: raise AssertionError(what)


class Session(Client):
    """A client in a folder of its own, with a cache of its own."""
    def __init__(self, files=None, capabilities=None, start=True, env=None):
        self.folder = tempfile.TemporaryDirectory()
        self.root = os.path.join(os.path.realpath(self.folder.name), "project")
        os.makedirs(self.root)
        for name, text in (files or {}).items(): self.save(name, text)
        super().__init__(FCONN, cwd=self.root, env={"XDG_CACHE_HOME": os.path.join(self.folder.name, "cache"), **(env or {})})
        if start: self.initialized = self.start(self.root, capabilities)

    def file(self, name): return os.path.join(self.root, name)

    def save(self, name, text):
        with open(self.file(name), "w", newline="") as out: out.write(text)

    def show(self, name, marked):
        """Opens (or retypes) a file; gives its path and where the cursor is."""
        at, path = marked.index("¦") if "¦" in marked else 0, self.file(name)
        text = marked.replace("¦", "", 1)
        if path in self.texts: self.retype(path, text)
        else: self.open(path, text)
        return path, at

    def spot(self, method, name, marked, **more):
        path, at = self.show(name, marked)
        return self.ask(method, self.at(path, at, **more))

    def text(self, path):
        if path in self.texts: return self.texts[path]
        return open(path, newline="").read()

    def places(self, locations):
        """'name: line: text under the range'"""
        out = []
        for one in locations or []:
            path = path_of(one["uri"])
            text = self.text(path)
            out.append(f"{os.path.basename(path)}:{one['range']['start']['line'] + 1}: {slice_of(text, one['range'])}")
        return sorted(out)

    def __enter__(self): return self

    def __exit__(self, *failure):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.folder.cleanup()


def mark(text, piece, nth=0, offset=1):
    """The text with the cursor in the nth occurrence of a piece, `offset` characters behind its begin."""
    at = -1
    for _ in range(nth + 1): at = text.index(piece, at + 1)
    return text[:at + offset] + "¦" + text[at + offset:]
