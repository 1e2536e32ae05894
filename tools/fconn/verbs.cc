// The registry of verbs: a new verb is one entry here, one line in make_verbs.hh and one file.
#include "tools/fconn/make_verbs.hh"
#include "tools/fconn/verb.hh"

namespace fconn::cli {
namespace {

constexpr std::string_view access_text =
    "Runs every collection that the given identities reach and writes its rows as they come. What "
    "isn't complete is said on standard error with its reason, and by the exit code: 0 complete, 1 "
    "failed, 2 usage, 3 partial, 4 authentication refused, 5 network, 6 a guard refused, 130 "
    "interrupted. When the reader of the rows goes away (a closed pipe), the run ends quietly and, "
    "if "
    "nothing else failed, with 0.";
constexpr std::string_view read_text =
    "Plain extraction: all rows of the collections that need no identity. Words after the first "
    "target that name no target are collections, as with --collection.";
constexpr std::string_view consent_text =
    "Sends the `consent` requests that the targets declare for this choice, for every purpose or "
    "for "
    "those that --purpose names. One that needs an identity that isn't given is skipped, and said. "
    "A "
    "request whose method isn't idempotent, and that isn't marked so, is never sent again once it "
    "may have been carried out.";
constexpr std::string_view check_text =
    "Checks .fconn files and fconn.toml without sending anything. With --live the `check` request "
    "of "
    "each target is sent, too, with the values that the options give. Exit code 0: clean, warnings "
    "allowed; 1: findings.";
constexpr std::string_view fmt_text =
    "Writes each file in the one canonical layout, in place and at once (a temporary file is "
    "renamed "
    "over it). A file with syntax errors is left alone. - reads standard input and writes standard "
    "output.";
constexpr std::string_view mock_text =
    "Serves recorded exchanges (conformance cases, HAR files, or the demo of a bundled connector) "
    "on "
    "127.0.0.1 until it gets SIGTERM or ^C. Prints `listening on http://127.0.0.1:PORT` when it is "
    "ready. A request finds its answer by method, path, query and body; one without an answer gets "
    "404 and a JSON body that says what was expected.";
constexpr std::string_view record_text =
    "Runs an access request, or reads everything where no identity is given, and writes the "
    "exchanges as HAR 1.2 instead of rows. Before anything is written, secrets become *** and "
    "personal values become stand-ins of the same shape, the same value always the same stand-in, "
    "so that the recording can be replayed without secrets and shown to others. What the file "
    "holds is for its owner's eyes (mode 0600) all the same. With --consent, what a person chose "
    "is sent and recorded. "
    "An erasure isn't recorded: a replay would have to make its plan again, and that follows from "
    "the project's key, which is in no recording. A contract test with erase \"apply\" shows what "
    "one sends.";
constexpr std::string_view replay_text =
    "Runs as access or read do, but every request is answered from the recording and nothing is "
    "sent. Parameters and identities come from the recording unless they are given; secrets "
    "aren't needed. A request that wasn't recorded fails, and the nearest recorded one is shown "
    "with what differs. Recorded requests that nobody asked for, a recording older than --max-age "
    "and a connector that has changed since are warnings; with --strict the exit code is 1. HAR "
    "files of browsers and proxies work too, with the values given as for access.";
constexpr std::string_view learn_text =
    "Reads the connector's collections, live or from a recording, and prints a unified diff "
    "that adds what it doesn't say yet: fields with types and likely categories, what is a "
    "key, how to get the next page. What refers to another collection is a note. Nothing that "
    "the connector says is changed, but for a row's key that was written out where a recording "
    "has several: `for` takes its place. No value of a row is shown, and nothing is written "
    "without --write. A guess is called one.";
constexpr std::string_view test_text =
    "Runs the tests of each file: the connector with the parameters, identities and replies that "
    "the test gives, without any network, and compares requests, rows, outcomes and what an "
    "erasure plans and sends. Exit code 0: all passed; 1: differences, which are shown, or less "
    "coverage than was asked for.";
constexpr std::string_view trace_text =
    "show prints what a run with --trace FILE did as a waterfall: each request with its answer, "
    "its time and the pauses after it, by collection; --clauses adds what each clause gave, and "
    "why "
    "each row was kept or dropped. html writes the same as one page that needs "
    "nothing else, with links from each request to the connector's line. URLs, headers and bodies "
    "are in it, secrets masked: keep it as you keep the data.";
constexpr std::string_view compile_text =
    "Prints or writes a connector, or with --instance an instance of one, in another form: ir "
    "(JSON, the default), ast, plan, dump, dot, "
    "mermaid, svg, docs (Markdown), json-schema (of its parameters), config-schema (of fconn.toml; "
    "needs no target).";

constexpr std::string_view auth_text =
    "login gets new tokens for an instance of fconn.toml and keeps them, encrypted, in the "
    "project's "
    "store. Where a person has to agree, the address is shown and opened in a browser; the browser "
    "comes back to a port of this machine. Where it can't, paste the address that it ended on. "
    "status lists the instance's tokens, never their values; logout forgets them.";

constexpr std::string_view instantiate_text =
    "Appends a table to the project file, whose other text stays as it is; where there is none, it "
    "is made in this folder. Nothing is written unless every parameter without a default is given "
    "and the file passes `fconn check` afterwards. Secrets are written as the place where they are "
    "found, never as values. The connector's version is kept beside its name, so that `fconn "
    "check` "
    "can say when it has become another.";
constexpr std::string_view lsp_text =
    "Speaks the Language Server Protocol 3.17 on standard input and output; an editor starts it. "
    "Mistakes while typing, completion, documentation, definitions and references across files and "
    "into the standard library, checked renaming, layout, repairs, and tests at a click.";
constexpr std::string_view import_text =
    "Reads a SaaS config and its dataset and writes the .fconn file that a person would have "
    "written. What Fides does by code of its own (request_override, custom strategies) and "
    "what can't be carried over is an error with the YAML's line, and nothing is written; what is "
    "left out because it has no effect is in --report. Where a quirk of Fides would make the file "
    "ugly, the saner form is written and listed there; --exact keeps the quirk. openapi makes a "
    "skeleton of a connector from an OpenAPI 3 or Swagger 2.0 document: what was found by names "
    "(rows, pages, keys, personal data) is marked as a guess, in the file and in --report.";
constexpr std::string_view erase_text =
    "With --plan, reads what the given identities reach, decides by the policy what becomes of "
    "each "
    "row, and writes down every request that would be sent, for a person to approve; nothing is "
    "sent but reads. --apply reads the rows again, refuses each that has changed (exit code 6), "
    "and "
    "sends the rest exactly as planned; every request is in the journal before it leaves. --resume "
    "goes on after a stop, kill -9 included, without sending twice what was done; what can't be "
    "known is listed for a person. The plan holds values of the person as hashes; what is needed "
    "to "
    "send it is sealed with a key that is kept beside the project's store.";
constexpr std::string_view plan_text =
    "Prints what a plan would do, in order, with the reason of every choice and of every row that "
    "is left alone. diff prints what one plan does and the other doesn't; exit code 1 when they "
    "differ.";
constexpr std::string_view journal_text =
    "show prints the records, export one JSON object a line. verify finds edited, removed, added "
    "and exchanged records; the removal of the last ones it finds by a head that was noted before "
    "(--head). Exit code 1 when something is wrong.";

constexpr std::string_view repl_text =
    "Reads lines: commands such as :step, :break and :why (`:help` lists them), ?NAME for "
    "documentation, and expressions, which are evaluated against the last answer. At a terminal "
    "with line editing, completion and a history for each project; ^C ends a run or a line, ^D "
    "leaves. In a pipe without prompts: exit code 1 when a line failed. Secrets are masked, and "
    "never typed.";

const VerbInfo table[] = {
    {"access", "TARGET… --identity NAME=VALUE [options]",
     "Answers an access request: the rows that belong to a person.", access_text,
     "fconn access mailchimp --identity email=ada@example.com --param domain=us1.api.mailchimp.com "
     "--param username=ops --secret-env api_key=MAILCHIMP_API_KEY\n"
     "fconn access shop.fconn --identity email=ada@example.com --format html --out report.html",
     make_access},
    {"read", "TARGET [COLLECTION…] [options]", "Reads all rows, without an identity.", read_text,
     "fconn read shop.fconn orders --format csv --out rows/", make_read},
    {"erase", "TARGET… --plan PLAN.json | --apply PLAN.json | --resume JOURNAL [RUN]",
     "Erases a person's data: makes a plan, applies it, goes on with it.", erase_text,
     "fconn erase mailchimp --identity email=ada@example.com --target user --mask null "
     "--plan plan.json\nfconn erase --apply plan.json --verify\nfconn erase --resume journal.db",
     make_erase},
    {"plan", "show PLAN.json [--html FILE] | diff A.json B.json",
     "Shows an erasure plan, or what differs between two.", plan_text,
     "fconn plan show plan.json --html plan.html\nfconn plan diff monday.json tuesday.json",
     make_plan},
    {"journal", "show | verify | export FILE",
     "Shows, verifies and exports the journal of erasures.", journal_text,
     "fconn journal verify .fconn/journal.db\nfconn journal export .fconn/journal.db > "
     "journal.ndjson",
     make_journal},
    {"consent", "TARGET… opt_in | opt_out [options]", "Sends a person's choice.", consent_text,
     "fconn consent mailchimp --identity email=ada@example.com opt_out\nfconn consent acme "
     "--identity email=ada@example.com opt_out --purpose marketing",
     make_consent},
    {"check", "FILE… [--live] [options]", "Finds mistakes before anything runs.", check_text,
     "fconn check shop.fconn fconn.toml\nfconn check --format sarif connectors/*.fconn",
     make_check},
    {"fmt", "FILE… [--check]", "Lays files out in the one canonical way.", fmt_text,
     "fconn fmt shop.fconn\nfconn fmt --check *.fconn", make_fmt},
    {"compile", "TARGET [--instance KEY] [--emit FORM] [-o OUT]",
     "Turns a connector into IR and other forms.", compile_text,
     "fconn compile shop.fconn -o shop.json\nfconn compile shop.fconn --emit plan\n"
     "fconn compile mailchimp --instance newsletter -o newsletter.json",
     make_compile},
    {"connectors", "[SEARCH]", "Lists the bundled connectors.", "", "fconn connectors mail",
     make_connectors},
    {"show", "TARGET [--diff]", "What a connector needs, holds and can do.", "",
     "fconn show mailchimp", make_show},
    {"graph", "TARGET [--dot | --mermaid | --svg]", "Which collection feeds which.", "",
     "fconn graph shop.fconn --svg > shop.svg", make_graph},
    {"explain", "CODE", "Explains a diagnostic, with an example.", "", "fconn explain F0203",
     make_explain},
    {"mock", "FILE… [--port N] [--log FILE]", "Serves recorded exchanges on loopback.", mock_text,
     "fconn mock mailchimp --port 8080\nfconn mock case.json --log requests.ndjson", make_mock},
    {"record", "TARGET… -o FILE.har [options]", "Records a run's exchanges as HAR, scrubbed.",
     record_text,
     "fconn record mailchimp --identity email=ada@example.com --param domain=us1.api.mailchimp.com "
     "--param username=ops --secret-env api_key=MAILCHIMP_API_KEY -o ada.har",
     make_record},
    {"replay", "FILE.har [TARGET…] [options]", "Runs a connector against a HAR file, offline.",
     replay_text,
     "fconn replay ada.har mailchimp\nfconn replay browser.har shop.fconn --identity "
     "email=ada@example.com",
     make_replay},
    {"learn", "TARGET|FILE.har… [--write] [options]",
     "Proposes fields, keys and pagination from what an API answers.", learn_text,
     "fconn learn shop.fconn --param domain=api.shop.example --secret-env key=SHOP_KEY\n"
     "fconn learn browser.har shop.fconn --collection orders --write",
     make_learn},
    {"auth", "TARGET login | status | logout [options]",
     "Signs an instance in, says which tokens it has, forgets them.", auth_text,
     "fconn auth acme login\nfconn auth acme status", make_auth},
    {"test", "FILE…", "Runs contract tests, offline.", test_text,
     "fconn test shop.test.fconn\nfconn test connectors/*/*.test.fconn --format junit --out "
     "tests.xml\nfconn test shop.test.fconn --coverage --watch",
     make_test},
    {"trace", "show FILE | html FILE [-o PAGE]", "Shows a run's trace as a waterfall.", trace_text,
     "fconn access shop.fconn --identity email=ada@example.com --trace run.trace\n"
     "fconn trace show run.trace --slow 500ms\nfconn trace html run.trace -o run.html",
     make_trace},
    {"repl", "TARGET [options]", "Tries a connector out, step by step.", repl_text,
     "fconn repl shop.fconn --identity email=ada@example.com\nfconn repl mailchimp < commands.txt",
     make_repl},
    {"new", "NAME", "Starts a connector, with a contract test.", "", "fconn new shop", make_new},
    {"instantiate", "TEMPLATE KEY [--param NAME=VALUE] [--secret-env NAME=VAR]",
     "Adds an instance of a connector to fconn.toml.", instantiate_text,
     "fconn instantiate mailchimp newsletter --param domain=us1.api.mailchimp.com --param "
     "username=ops --secret-env api_key=MAILCHIMP_API_KEY\n"
     "fconn instantiate connectors/our_zendesk.fconn support --secret-file api_key=secrets/zendesk",
     make_instantiate},
    {"import",
     "fides CONFIG.yml [DATASET.yml] [-o OUT.fconn] | fides --all DIR -o DIR | openapi SPEC "
     "[--tag TAG] [--path PATH] [-o OUT.fconn]",
     "Makes connectors from those of Fides, and from OpenAPI documents.", import_text,
     "fconn import fides acme_config.yml acme_dataset.yml -o acme.fconn --report acme.txt\n"
     "fconn import fides --all connectors/ -o imported/\n"
     "fconn import openapi spec.yaml --tag Users -o acme.fconn --report acme.txt",
     make_import},
    {"lsp", "[--stdio]", "The language server, for editors.", lsp_text, "fconn lsp", make_lsp},
    {"help", "[VERB | functions]", "Shows help.", "", "fconn help access\nfconn help functions",
     make_help},
    {"completion", "bash | zsh | fish", "Prints a completion script for a shell.", "",
     "fconn completion bash > ~/.local/share/bash-completion/completions/fconn", make_completion},
};

const VerbInfo later_table[] = {
    {"serve", "", "The management API.", "", "", nullptr},
    {"worker", "", "Takes requests from the shared queue.", "", "", nullptr},
};

}  // namespace

std::span<const VerbInfo> verbs() { return table; }
std::span<const VerbInfo> later_verbs() { return later_table; }

const VerbInfo* find_verb(std::string_view name) {
  for (const VerbInfo& verb : table) {
    if (verb.name == name) return &verb;
  }
  return nullptr;
}

}  // namespace fconn::cli
