// The JSON Schema of fconn.toml, from the table in schema.cc.
#include <string>

#include "tools/config/config.hh"
#include "tools/config/schema.hh"

namespace fconn::config {
namespace {

constexpr std::string_view duration_pattern = "^[0-9]+(ms|s|m|h|d)$";

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Writer {
 public:
  std::string document() {
    out_ =
        "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
        "  \"title\": \"fconn.toml\",\n";
    indent_ = 1;
    table_members(root_table());
    return out_ + "\n}\n";
  }

 private:
  void line(std::string_view text) { out_.append(indent_ * 2, ' ').append(text); }

  void table_members(const Table& table) {
    line("\"type\": \"object\",\n");
    line("\"additionalProperties\": false,\n");
    required(table);
    line("\"properties\": {\n");
    ++indent_;
    bool first = true;
    for (const Key& key : table.keys) {
      if (!first) out_ += ",\n";
      first = false;
      line(quoted(key.name) + ": {\n");
      ++indent_;
      line("\"description\": " + quoted(key.doc) + ",\n");
      shape(key);
      out_ += '\n';
      --indent_;
      line("}");
    }
    out_ += '\n';
    --indent_;
    line("}");
  }

  void required(const Table& table) {
    std::string names;
    for (const Key& key : table.keys) {
      if (key.required) names += (names.empty() ? "" : ", ") + quoted(key.name);
    }
    if (!names.empty()) line("\"required\": [" + names + "],\n");
    if (table.one_of.empty()) return;
    std::string alternatives;
    for (const std::string_view name : table.one_of) {
      alternatives += (alternatives.empty() ? "" : ", ");
      alternatives += "{ \"required\": [" + quoted(name) + "] }";
    }
    line("\"oneOf\": [" + alternatives + "],\n");
  }

  void text(const Key& key) {
    line("\"type\": \"string\"");
    if (key.choices.empty()) return;
    out_ += ",\n";
    std::string values;
    for (const std::string_view choice : key.choices) {
      values += (values.empty() ? "" : ", ") + quoted(choice);
    }
    line("\"enum\": [" + values + "]");
  }

  void map_of(const Key& key, bool or_text) {
    line("\"type\": \"object\",\n");
    line("\"additionalProperties\": {\n");
    ++indent_;
    if (or_text) {
      text_or_table(key);
    } else {
      table_members(*key.table);
    }
    out_ += '\n';
    --indent_;
    line("}");
  }

  void text_or_table(const Key& key) {
    line("\"anyOf\": [\n");
    ++indent_;
    line("{\n");
    ++indent_;
    text(key);
    out_ += '\n';
    --indent_;
    line("},\n");
    line("{\n");
    ++indent_;
    table_members(*key.table);
    out_ += '\n';
    --indent_;
    line("}\n");
    --indent_;
    line("]");
  }

  void shape(const Key& key) {
    switch (key.shape) {
      case Shape::text:
        return text(key);
      case Shape::text_list:
        return line("\"type\": \"array\",\n"), line("\"items\": { \"type\": \"string\" }");
      case Shape::number:
        return line("\"type\": \"integer\",\n"),
               line("\"minimum\": " + std::to_string(key.minimum));
      case Shape::flag:
        return line("\"type\": \"boolean\"");
      case Shape::duration:
        return line("\"type\": \"string\",\n"), line("\"pattern\": " + quoted(duration_pattern));
      case Shape::table:
        return table_members(*key.table);
      case Shape::table_map:
        return map_of(key, false);
      case Shape::text_or_table_map:
        return map_of(key, true);
      case Shape::text_or_table:
        return text_or_table(key);
      case Shape::value_map:
        return line("\"type\": \"object\"");
      case Shape::value_list:
        return line("\"type\": \"array\"");
    }
  }

  std::string out_;
  std::size_t indent_ = 0;
};

}  // namespace

std::string json_schema() { return Writer().document(); }

}  // namespace fconn::config
