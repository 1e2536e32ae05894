// Fides' own ways with lists: of a list that a read takes its inputs for, an erasure touches the
// elements that match alone; and a form spells what is inside a list as Python does.
#include <algorithm>

#include "tools/import/lower.hh"

namespace fconn::importer {

void declare(Context& context, const std::string& name, const std::string& text,
             const std::string& comment) {
  if (!context.helper_names.insert(name).second) return;
  Block block("fn " + name + text);
  block.gap = true;
  if (!comment.empty()) block.comments = doc_lines(comment);
  context.helpers.push_back(std::move(block));
}

namespace {

/// `name(fields, found, name, own)`: `other` is what stands in the place of an element that isn't
/// among its own, `around` what is made of the list.
void declare_elements(Context& context, const std::string& name, const std::string& other,
                      const std::string& begin, const std::string& end,
                      const std::string& comment) {
  declare(
      context, name,
      "(fields, found, name, own) =\nif fields[name] == null or [e for e in found[name] ?? [] if "
      "e in own] == [] then fields\nelse { ...fields, [name]: " +
          begin + "[if kept in own then changed else " + other +
          " for kept, changed in zip(found[name], fields[name])]" + end + " }",
      comment);
}

/// Python's spelling of a value in a list, `depth` levels of objects and lists deep.
void declare_debug(Context& context, int depth) {
  declare(
      context, "fides_string",
      "(text) =\nif contains(text, \"'\") and not contains(text, '\"') then '\"' + text + '\"'\n"
      "else \"'\" + replace(text, \"'\", \"\\\\'\") + \"'\"");
  declare(context, "fides_scalar",
          "(x) =\nif x == null then \"''\" else if x == true then \"True\" else if x == false then "
          "\"False\"\nelse if starts_with(json(x), '\"') then fides_string(replace(replace(x, "
          "\"\\\\\", \"\\\\\\\\\"), \"\\n\", \"\\\\n\"))\nelse json(x)");
  std::string below = "fides_scalar";
  for (int level = 1; level <= depth; ++level) {
    const std::string name = "fides_debug_" + std::to_string(level);
    declare(context, name,
            "(x) =\nif starts_with(json(x), \"\\{\") then\n\"\\{\" + join([\"{fides_scalar(k)}: {" +
                below +
                "(v)}\" for k, v in pairs(x)], \", \") + \"}\"\n"
                "else if starts_with(json(x), \"[\") then \"[\" + join([" +
                below + "(v) for v in x], \", \") + \"]\"\nelse fides_scalar(x)");
    below = name;
  }
}

/// How deep objects lie in lists, and whether there is anything that Fides spells in its own way.
struct Shape {
  bool strange = false;
  int objects = 0;  // levels of objects around the deepest list
  int inside = 0;   // levels below an element of a list
};

/// Levels that a value of no known type is looked into.
constexpr int unknown_levels = 3;

/// `untyped`: whether a field without a type counts as one that may hold anything.
void look_at(const std::vector<Field>& fields, int depth, bool in_list, int inside, bool untyped,
             Shape& shape) {
  for (const Field& field : fields) {
    if (field.read_only && field.fields.empty()) continue;
    const bool anything = field.fields.empty() && (field.type.empty() || field.type == "object");
    if (untyped && anything) {
      shape.strange = true;
      shape.objects = std::max(shape.objects, depth + unknown_levels);
      shape.inside = std::max(shape.inside, inside + unknown_levels);
    }
    const bool group = !field.fields.empty() || field.type == "object";
    shape.objects = std::max(shape.objects, depth);
    if (field.type == "boolean" || (group && (field.list || in_list))) shape.strange = true;
    const bool list = in_list || field.list;
    const int below = list && group ? inside + 1 : inside;
    shape.inside = std::max(shape.inside, below);
    look_at(field.fields, depth + 1, list, below, untyped, shape);
  }
}

}  // namespace

std::string cast_elements(Context& context, const std::string& type, const std::string& values) {
  if (type == "string") return "[string(v) for v in " + values + "]";
  if (type == "integer") {
    declare(
        context, "whole_numbers",
        "(values) = [\n...[int(trim(string(v))) for v in values if string(v) matches "
        "\"^ *[-+]?[0-9]\\{1,18} *$\"],\n...[int(first(split(json(v), \".\"))) for v in values if "
        "json(v) matches \"^-?[0-9]\\{1,18}[.][0-9]+$\"]\n]",
        "The whole numbers that values are, of a number its whole part; other values are none.");
    return "whole_numbers(" + values + ")";
  }
  if (type == "boolean") {
    declare(context, "truth_values",
            "(values) = [json(v) matches \"^\\\"?[Tt1]\" for v in values if json(v) matches "
            "'^([01]([.]0)?|\"?(true|false)\"?|\"(True|False)\")$']",
            "The truth values that values are; other values are none.");
    return "truth_values(" + values + ")";
  }
  if (type == "float") {
    declare(context, "numbers",
            "(values) = [number(trim(string(v))) for v in values if string(v) matches "
            "\"^ *[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)? *$\"]",
            "The numbers that values are; other values are none.");
    return "numbers(" + values + ")";
  }
  return values;
}

std::string matching_elements(Context& context, const std::string& fields, const std::string& name,
                              const std::string& own, bool masked) {
  std::string helper = "own_elements";
  if (!context.exact) {
    declare_elements(context, helper, "kept", "", "",
                     "The fields of a row, where of one list only the person's own elements are "
                     "changed: the others are somebody else's.");
  } else if (masked) {
    helper = "fides_masked";
    declare_elements(context, helper, "null", "slice(",
                     ", 0, 1 + max([i for i, kept in zip(range(0, length(found[name])), "
                     "found[name]) if kept in own]))",
                     "Masked fields, where of one list only the person's own elements are masked; "
                     "null keeps the place of those before.");
  } else {
    helper = "fides_row";
    declare_elements(context, helper, "\"FIDESOPS_DO_NOT_MASK\"", "", "",
                     "A row as Fides sends it: of a list that a read takes its inputs for, the "
                     "elements that don't match are a text that says so.");
  }
  return helper + "(" + fields + ", row, " + quoted(name) + ", " + own + ")";
}

bool form_differs(const Context& context, const std::string& collection) {
  const Collection* dataset = context.fields_of(collection);
  Shape shape;
  if (dataset != nullptr) look_at(dataset->fields, 0, false, 0, context.exact, shape);
  return shape.strange;
}

std::string fides_form(Context& context, const std::string& fields) {
  // The functions are the same for all collections.
  Shape shape;
  if (const Dataset* dataset = context.documents.dataset) {
    for (const Collection& one : dataset->collections)
      look_at(one.fields, 0, false, 0, context.exact, shape);
  }
  // Levels of the template itself come on top, or of a value of a row that stands in it.
  const int depth = std::max(shape.inside, unknown_levels) + 1;
  const int objects = std::max(shape.objects, unknown_levels - 1) + 2;
  declare_debug(context, depth);
  const std::string last = "fides_debug_" + std::to_string(depth);
  declare(context, "fides_element",
          "(x) =\nif x == true or x == false then fides_scalar(x)\nelse if starts_with(json(x), "
          "\"\\{\") or starts_with(json(x), \"[\") then " +
              last + "(x)\nelse x");
  std::string below = "fides_element";
  for (int level = 1; level <= objects; ++level) {
    const std::string name = "fides_member_" + std::to_string(level);
    declare(context, name,
            "(x) =\nif starts_with(json(x), \"\\{\") then { [k]: " + below +
                "(v) for k, v in pairs(x) }\nelse if starts_with(json(x), \"[\") then "
                "[fides_element(v) for v in x]\nelse fides_element(x)");
    below = name;
  }
  declare(context, "fides_form", "(fields) = { [k]: " + below + "(v) for k, v in pairs(fields) }",
          "A form as Fides encodes it: true is True, and an object inside a list is a text in "
          "Python's spelling.");
  return "fides_form(" + fields + ")";
}

}  // namespace fconn::importer
