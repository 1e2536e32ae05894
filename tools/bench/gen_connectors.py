#!/usr/bin/env python3
"""Writes large connectors for compile_bench: usual collections, chained ones, thousands of short ones, and one with
thousands of fields. Usage: gen_connectors.py DIR"""
import os, sys

HEAD = '''## Made for measuring.
connector made "Made" {
  version "1.0.0"
  docs    "https://example.com/"

  param  domain "API host": host
  secret api_key "API key"

  identity email

  client {
    base "https://{domain}"
    auth bearer(api_key)
  }

  check GET /lists
'''
COLLECTION = '''
  ## What belongs to a person, number NUMBER.
  collection item_NUMBER {
    SOURCEread GET /3.0/item_NUMBERPATH {
      query    { query: email, count: 100, offset: 0, expand: "a,{domain}" }
      rows     .items
      keep     .from_email == email and (.size ?? 0) > NUMBER
      paginate offset("offset", by: 100, limit: 10000)
    }
    update PUT /3.0/item_NUMBER/{row.id} {
      body json masked
    }
    fields default @system.operations {
      id: string key @user.unique_id
      email_address: string @user.contact.email
      merge_fields: {
        first_name: string @user.name
        address: {
          street: string @user.contact.address.street
          city: string @user.contact.address.city
          points: [{ id: int, name: string, more: { one: number, two: bool } }]
        }
        phone: string @user.contact.phone_number
      }
      created: string
      status: string
      tags: [{ id: int, name: string }]
    }
  }
'''
SHORT = '''
  collection cNUMBER {
    read GET /cNUMBER { query { q: email } }
    fields { id: string key }
  }
'''


def usual(number, chained):
    follows = chained and number % 20
    return (COLLECTION.replace("SOURCE", f"for c in item_{number - 1}\n    " if follows else "")
            .replace("PATH", "/{c.id}" if follows else "").replace("NUMBER", str(number)))


def wide(count):
    fields = "".join(f"      field_{i}: string\n" for i in range(count))
    return "\n  collection wide {\n    read GET /wide { query { q: email } }\n    fields {\n" + fields + "    }\n  }\n"


FILES = {
    "usual_1k": lambda: "".join(usual(i, False) for i in range(33)),
    "usual_20k": lambda: "".join(usual(i, False) for i in range(690)),
    "chained_20k": lambda: "".join(usual(i, True) for i in range(670)),
    "short_5000": lambda: "".join(SHORT.replace("NUMBER", str(i)) for i in range(5000)),
    "wide_20k": lambda: wide(20000),
}


def write(folder):
    os.makedirs(folder, exist_ok=True)
    paths = []
    for name, body in FILES.items():
        paths.append(os.path.join(folder, name + ".fconn"))
        with open(paths[-1], "w") as out: out.write(HEAD + body() + "}\n")
    return paths


if __name__ == "__main__": print("\n".join(write(sys.argv[1])))
