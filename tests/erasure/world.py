"""The list of cases, and what each gets: a service and a folder to run the program in."""
import contextlib
import os
import pathlib

from fconn import Folder
from service import KEY, Service

CASES = []
PROGRAM = []


def case(function):
    CASES.append(function)
    return function


def use(program):
    PROGRAM[:] = [str(pathlib.Path(program).resolve())]


@contextlib.contextmanager
def world(connector="service.fconn", **data):
    service = Service()
    service.reset(**{"orders": 3, "tickets": 2, "devices": 1, **data})
    try:
        with Folder(PROGRAM[0], service, connector) as folder:
            yield service, folder
    finally:
        service.shutdown()
        service.server_close()


PROJECT = """
[instances.shop]
connector = "{connector}"
params    = {{ domain = "{domain}" }}
secrets   = {{ api_key = {{ env = "SHOP_KEY" }} }}

[policies.forget]
targets = ["user"]
mask    = {{ strategy = "string", value = "MASKED" }}
hold    = [{holds}]
"""


def project(service, folder, *holds):
    text = PROJECT.format(connector=folder.connector, domain=service.domain, holds=", ".join(f'"{h}"' for h in holds))
    (folder / "fconn.toml").write_text(text)
    os.environ["SHOP_KEY"] = KEY
