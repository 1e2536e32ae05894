// The constructors of the verbs; each is defined in the verb's own file.
#pragma once

#include <memory>

#include "tools/fconn/verb.hh"

namespace fconn::cli {

std::unique_ptr<Verb> make_access();
std::unique_ptr<Verb> make_read();
std::unique_ptr<Verb> make_erase();
std::unique_ptr<Verb> make_plan();
std::unique_ptr<Verb> make_trace();
std::unique_ptr<Verb> make_journal();
std::unique_ptr<Verb> make_consent();
std::unique_ptr<Verb> make_check();
std::unique_ptr<Verb> make_fmt();
std::unique_ptr<Verb> make_compile();
std::unique_ptr<Verb> make_connectors();
std::unique_ptr<Verb> make_show();
std::unique_ptr<Verb> make_graph();
std::unique_ptr<Verb> make_explain();
std::unique_ptr<Verb> make_mock();
std::unique_ptr<Verb> make_record();
std::unique_ptr<Verb> make_replay();
std::unique_ptr<Verb> make_learn();
std::unique_ptr<Verb> make_auth();
std::unique_ptr<Verb> make_test();
std::unique_ptr<Verb> make_repl();
std::unique_ptr<Verb> make_new();
std::unique_ptr<Verb> make_instantiate();
std::unique_ptr<Verb> make_import();
std::unique_ptr<Verb> make_lsp();
std::unique_ptr<Verb> make_help();
std::unique_ptr<Verb> make_completion();

}  // namespace fconn::cli
