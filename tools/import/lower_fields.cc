#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {
namespace {

constexpr std::size_t one_line = 90;

const Field* find(const std::vector<Field>& fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const Field& f) { return f.name.text == name; });
  return found == fields.end() ? nullptr : &*found;
}

std::string type_name(const std::string& type, bool exact) {
  if (type == "integer") return "int";
  if (type == "float") return "number";
  if (type == "boolean") return "bool";
  // Fides' strategies for texts leave it alone.
  if (type == "object_id") return exact ? "any" : "string";
  return type.empty() ? "any" : type;
}

/// How often each category stands alone on a leaf, and how many leaves have none.
struct Census {
  std::map<std::string, int> single;
  int none = 0;

  void count(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      if (!field.fields.empty()) {
        count(field.fields);
      } else if (field.categories.empty()) {
        ++none;
      } else if (field.categories.size() == 1) {
        ++single[field.categories.front().text];
      }
    }
  }
};

/// An address or number that several rows may share, so that it tells none apart.
bool is_contact(const Field& field) {
  return std::any_of(field.categories.begin(), field.categories.end(), [](const Text& category) {
    return category.text.starts_with("user.contact");
  });
}

bool any_key(const std::vector<Field>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    if (field.list) return false;
    if (!field.fields.empty()) return any_key(field.fields);
    return field.primary_key && !is_contact(field);
  });
}

class FieldPrinter {
 public:
  FieldPrinter(Context& context, std::string collection)
      : context_(context), collection_(std::move(collection)) {}

  std::optional<Block> print() {
    const Collection* dataset = context_.fields_of(collection_);
    std::vector<Field> fields;
    if (dataset != nullptr) fields = dataset->fields;
    const bool declared = !fields.empty();
    add_wanted(fields);
    if (!declared) return std::nullopt;
    Census census;
    census.count(fields);
    for (const auto& [category, count] : census.single) {
      if (count > best_count(census)) default_ = category;
    }
    if (!default_.empty() && census.single[default_] - census.none < 2) default_.clear();
    if (dataset != nullptr) {
      for (const Text& category : dataset->categories) {
        context_.report.differ(category.span,
                               "left out: fconn has categories on fields, so each field of the "
                               "collection says its own");
      }
    }
    Block block("fields" + (default_.empty() ? "" : " default @" + default_));
    block.gap = false;
    for (const Field& field : fields) block.items.push_back(one(field, "", false));
    return block;
  }

 private:
  int best_count(Census& census) const { return default_.empty() ? 0 : census.single[default_]; }

  /// Fields that something reads and the dataset doesn't have: as Fides adds them to its graph.
  void add_wanted(std::vector<Field>& fields) {
    const auto wanted = context_.wanted.find(collection_);
    if (wanted == context_.wanted.end()) return;
    for (const std::string& path : wanted->second) {
      std::vector<Field>* level = &fields;
      for (const std::string& segment : path_segments(path)) {
        if (is_index(segment)) continue;
        const Field* known = find(*level, segment);
        if (known == nullptr) {
          Field added;
          added.name.text = segment;
          level->push_back(std::move(added));
          known = &level->back();
        }
        Field& here = (*level)[static_cast<std::size_t>(known - level->data())];
        // What lies below a plain value is nobody's declared field.
        if (here.fields.empty()) break;
        level = &here.fields;
      }
    }
  }

  std::string marks(const Field& field, const std::string& path, bool in_list) {
    std::string out;
    const bool group = !field.fields.empty();
    out += key(field, path, in_list);
    if (field.read_only) {
      if (group && context_.exact) {
        context_.report.say(field.read_only_span,
                            "left out: Fides ignores it on a field with fields of its own");
      } else {
        if (group) {
          context_.report.differ(field.read_only_span,
                                 "kept, while Fides ignores it on a field with fields of its own");
        }
        out += " readonly";
      }
    }
    if (field.length > 0) out += " length " + std::to_string(field.length);
    for (const Text& category : field.categories) out += " @" + category.text;
    if (field.categories.size() == 1 && !group && field.categories.front().text == default_) {
      out.erase(out.size() - default_.size() - 2);
    }
    if (field.categories.empty() && !group && !default_.empty()) out += " @none";
    if (field.mask) out += mask(*field.mask);
    return out;
  }

  /// Fides' primary keys, and whatever the actions address a row by: rows that differ in it are
  /// different rows.
  std::string key(const Field& field, const std::string& path, bool in_list) {
    const bool many = !field.fields.empty() || in_list || field.list;
    const auto keys = context_.row_keys.find(collection_);
    const bool addressed = keys != context_.row_keys.end() && keys->second.count(path) != 0;
    if (addressed && !many) return " key";
    if (!field.primary_key) return "";
    if (many) {
      context_.report.differ(field.key_span,
                             "left out: a key can't be an object or lie inside a list");
      return "";
    }
    if (is_contact(field)) {
      context_.report.differ(field.key_span,
                             "left out: several rows may have the same, and a key makes them one");
      return "";
    }
    return " key";
  }

  std::string mask(const Strategy& strategy) {
    const std::string& name = strategy.name.text;
    const Node* format = strategy.configuration.find("format_preservation");
    const Node* suffix_node = format == nullptr ? nullptr : format->find("suffix");
    const std::string suffix = suffix_node == nullptr ? "" : suffix_node->text;
    if (name == "null_rewrite") return " mask null";
    if (name == "preserve") return " mask .";
    if (name == "string_rewrite") {
      const Node* value = strategy.configuration.find("rewrite_value");
      return " mask " + quoted((value == nullptr ? "" : value->text) + suffix);
    }
    if (name == "random_string_rewrite") {
      const Node* length = strategy.configuration.find("length");
      const std::int64_t size = length == nullptr ? 30 : as_int(*length).value_or(30);
      if (context_.helper_names.insert("random_text").second) {
        Block letters(
            "fn random_text(length) = random_string(length, "
            "\"abcdefghijklmnopqrstuvwxyz0123456789\")");
        letters.gap = true;
        context_.helpers.push_back(std::move(letters));
      }
      const std::string call = "random_text(" + std::to_string(size) + ")";
      if (suffix.empty()) return " mask " + call;
      const std::string end = quoted(suffix);
      return " mask \"{" + call + "}" + (end.front() == '"' ? end.substr(1) : suffix + "\"");
    }
    context_.error(DiagnosticId::unknown_import_strategy, strategy.name.span,
                   "the masking strategy `" + name + "` can't be a field's own",
                   "Fides refuses it, too, where it needs a secret; strategies are null_rewrite, "
                   "string_rewrite, random_string_rewrite and preserve");
    return "";
  }

  Block one(const Field& field, const std::string& parent, bool in_list) {
    const std::string path = parent.empty() ? field.name.text : parent + "." + field.name.text;
    Block block;
    block.behind = comment(field);
    if (field.description.given) block.comments = doc_lines(field.description.text, "# ");
    std::string type = type_name(field.type, context_.exact);
    const std::string name = object_key(field.name.text);
    const std::string rest = marks(field, path, in_list);
    if (field.fields.empty()) {
      if (field.list) type = "[" + type + "]";
      block.head = name + ": " + type + rest;
      return block;
    }
    std::vector<Block> inner;
    for (const Field& sub : field.fields) inner.push_back(one(sub, path, in_list || field.list));
    const std::string open = field.list ? "[{" : "{";
    const std::string close = field.list ? "}]" : "}";
    block.head = name + ": " + open + body(inner, name.size() + rest.size()) + close + rest;
    return block;
  }

  /// Fields of an object: on one line when they are few and plain.
  static std::string body(const std::vector<Block>& fields, std::size_t around) {
    std::string line = " ";
    bool plain = true;
    for (const Block& field : fields) {
      plain = plain && field.comments.empty() && field.behind.empty() &&
              field.head.find_first_of("\n{") == std::string::npos;
      if (line.size() > 1) line += ", ";
      line += field.head;
    }
    if (plain && line.size() + around <= one_line) return line + " ";
    std::string out = "\n";
    for (const Block& field : fields) {
      for (const std::string& text : field.comments) out += text + "\n";
      out += field.head + (field.behind.empty() ? "" : "  # " + field.behind) + "\n";
    }
    return out;
  }

  std::string comment(const Field& field) const {
    const grammar::SourceMap& sources = context_.documents.sources;
    for (const Comment& comment : context_.documents.dataset_comments) {
      for (const Span span : {field.name.span, field.key_span, field.type_span}) {
        if (span.end == 0 || span.file.value != comment.span.file.value) continue;
        const std::uint32_t own = sources.position(span.file, comment.span.begin).line;
        if (sources.position(span.file, span.begin).line == own) return comment.text;
      }
    }
    return "";
  }

  Context& context_;
  std::string collection_;
  std::string default_;
};

}  // namespace

bool has_key(const Context& context, const std::string& collection) {
  // Without a dataset there is no `fields` to mark one in.
  const Collection* dataset = context.fields_of(collection);
  if (dataset == nullptr || dataset->fields.empty()) return false;
  const auto keys = context.row_keys.find(collection);
  if (keys != context.row_keys.end()) {
    for (const std::string& path : keys->second) {
      if (!field_path(context, collection, path).lists) return true;
    }
  }
  return any_key(dataset->fields);
}

namespace {

bool any_category(const std::vector<Field>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const Field& field) {
    return !field.categories.empty() || any_category(field.fields);
  });
}

}  // namespace

bool has_category(const Context& context, const std::string& collection) {
  const Collection* dataset = context.fields_of(collection);
  return dataset != nullptr && any_category(dataset->fields);
}

FieldPath field_path(const Context& context, std::string_view collection, std::string_view path) {
  FieldPath out;
  const Collection* dataset = context.fields_of(collection);
  const std::vector<Field>* level = dataset == nullptr ? nullptr : &dataset->fields;
  out.known = out.declared = level != nullptr;
  out.parts.emplace_back();
  bool open = false;  // the segment before has no known shape
  for (const std::string& segment : path_segments(path)) {
    if (open) out.parts.emplace_back();
    out.steps += path_step(segment);
    out.parts.back() += path_step(segment);
    const Field* field = level == nullptr ? nullptr : find(*level, segment);
    if (field == nullptr) {
      out.known = out.declared = out.text = out.scalar = false;
      level = nullptr;
      open = !is_index(segment);
      continue;
    }
    open = field->type.empty() && !field->list;
    out.declared = out.declared &&
                   (!field->type.empty() || !field->fields.empty() || !field->categories.empty());
    out.known = out.known && (!field->type.empty() || !field->fields.empty());
    out.key = field->primary_key && field->fields.empty() && !out.lists;
    out.text = field->type == "string" && !field->list && !out.lists;
    const bool plain = field->type == "string" || field->type == "integer" ||
                       field->type == "float" || field->type == "object_id";
    out.scalar = plain && !field->list && !out.lists;
    if (field->list) {
      out.steps += "[]";
      out.parts.back() += "[]";
      out.lists = true;
    }
    level = &field->fields;
  }
  return out;
}

std::optional<Block> fields_block(Context& context, const std::string& collection) {
  return FieldPrinter(context, collection).print();
}

}  // namespace fconn::importer
