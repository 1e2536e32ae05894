#include "tools/config/schema.hh"

namespace fconn::config {
namespace {

constexpr std::string_view secret_one_of[] = {"env", "file", "command", "store"};
constexpr Key secret_keys[] = {
    {"env", Shape::text, "Name of the environment variable that holds the value."},
    {"file", Shape::text, "Path of the file that holds the value; one line end is left out."},
    {"command", Shape::text_list, "Program and arguments; what it prints is the value."},
    {"store", Shape::text, "Key in the instance's store."},
};
constexpr Table secret_table{"a secret's source", secret_keys, secret_one_of};

constexpr std::string_view external_one_of[] = {"file", "from", "values"};
constexpr Key external_keys[] = {
    {"file", Shape::text, "Path of a file with one value a line, JSON, NDJSON or CSV."},
    {"column", Shape::text, "Column of a CSV file."},
    {"from", Shape::text, "A field of another instance: instance.collection.field."},
    {"values", Shape::value_list, "The values themselves."},
};
constexpr Table external_table{"an external's source", external_keys, external_one_of};

constexpr Key instance_keys[] = {
    {"connector",
     Shape::text,
     "Name of a bundled connector, or path to a .fconn file or IR.",
     nullptr,
     {},
     true},
    {"version", Shape::text,
     "The connector's version that the instance was made for; `fconn check` says when it is "
     "another."},
    {"params", Shape::value_map, "Parameters by name."},
    {"secrets", Shape::table_map, "Where each secret is found; never its value.", &secret_table},
    {"external", Shape::table_map, "Where values from outside come from.", &external_table},
};
constexpr Table instance_table{"an instance", instance_keys};

constexpr std::string_view strategies[] = {"null",   "string", "hash",    "hmac",
                                           "random", "aes",    "preserve"};
constexpr std::string_view algorithms[] = {"sha256", "sha512"};
constexpr Key mask_keys[] = {
    {"strategy", Shape::text, "How a value is masked.", nullptr, strategies, true},
    {"value", Shape::text, "The replacement, for strategy \"string\"."},
    {"algorithm", Shape::text, "Hash algorithm, for \"hash\" and \"hmac\".", nullptr, algorithms},
    {"length", Shape::number, "Characters, for \"random\": 1 to 10000.", nullptr, {}, false, 1},
    {"suffix", Shape::text, "Appended to what any strategy but \"null\" and \"preserve\" gives."},
    {"salt", Shape::table, "Where the salt of \"hash\" and \"hmac\" is found.", &secret_table},
};
constexpr Table mask_table{"a mask", mask_keys};

constexpr std::string_view scopes[] = {"targeted", "all"};
constexpr std::string_view actions[] = {"update", "delete"};
constexpr Key policy_keys[] = {
    {"targets",
     Shape::text_list,
     "Data categories; each covers those below it.",
     nullptr,
     {},
     true},
    {"mask", Shape::text_or_table, "How targeted values are masked.", &mask_table, strategies},
    {"scope", Shape::text, "Rows in which nothing is targeted are left alone, or not.", nullptr,
     scopes},
    {"hold", Shape::text_list,
     "What must not be erased: \"instance.collection where EXPR\", \"instance.collection\", "
     "\"instance\", \"identity NAME == 'VALUE'\"."},
    {"overrides", Shape::text_or_table_map,
     "Other masks for single categories, or for single fields: \"instance:collection.field\".",
     &mask_table, strategies},
    {"prefer", Shape::text, "The action where a collection has both.", nullptr, actions},
    {"prefer_delete", Shape::text_list,
     "Collections whose rows are deleted rather than updated: \"instance.collection\"."},
};
constexpr Table policy_table{"a policy", policy_keys};

constexpr Key run_keys[] = {
    {"parallel",
     Shape::number,
     "Requests in flight, all instances together.",
     nullptr,
     {},
     false,
     1},
    {"timeout", Shape::duration, "Bound of each request, such as \"60s\"."},
    {"retries", Shape::number, "At most so many for any rule.", nullptr, {}, false, 0},
};
constexpr Table run_table{"the run limits", run_keys};

constexpr std::string_view key_one_of[] = {"env", "file", "command"};
constexpr Table key_table{"the store's key", std::span(secret_keys).first(3), key_one_of};
constexpr Key store_keys[] = {
    {"path", Shape::text, "Path of the SQLite file; the default is \".fconn/store.db\"."},
    {"key", Shape::table,
     "Where its key is found: 32 bytes as 64 hexadecimal digits or base64. The default is "
     "FCONN_STORE_KEY, else a key file beside the store.",
     &key_table},
};
constexpr Table store_table{"the store", store_keys};

constexpr Key root_keys[] = {
    {"instances", Shape::table_map, "Connectors with their values, by key.", &instance_table},
    {"policies", Shape::table_map, "What is erased and how, by name.", &policy_table},
    {"run", Shape::table, "Limits of every run.", &run_table},
    {"store", Shape::table, "Where tokens are kept, encrypted.", &store_table},
};
constexpr Table root{"the project file", root_keys};

}  // namespace

const Table& root_table() { return root; }

}  // namespace fconn::config
