#include <algorithm>

#include "tools/import/read.hh"

namespace fconn::importer {
namespace {

class DatasetReader {
 public:
  explicit DatasetReader(const Reading& reading) : reading_(reading) {}

  std::optional<Dataset> read(const Node& root) {
    MapReader document(reading_, root, "");
    const std::vector<const Node*> datasets = document.elements("dataset");
    if (datasets.empty()) {
      document.mistake(root.span, "there is no `dataset` at the document's root");
      return std::nullopt;
    }
    for (std::size_t i = 1; i < datasets.size(); ++i) {
      reading_.report.read(datasets[i]->span, "dataset[" + std::to_string(i) + "]");
      reading_.report.say(datasets[i]->span, "left out: Fides takes the first dataset only");
    }
    MapReader map(reading_, *datasets.front(), "dataset");
    Dataset out;
    out.fides_key = map.text("fides_key", true);
    for (const std::string_view key : {"name", "description"}) {
      const Text text = map.text(key);
      if (text.given) reading_.report.say(text.span, "left out: the connector has its own");
    }
    for (const Node* node : map.elements("collections")) {
      MapReader one(reading_, *node, "collections");
      Collection collection;
      collection.name = one.text("name", true);
      const std::string path = "collections." + collection.name.text;
      collection.description = one.text("description");
      collection.categories = one.texts("data_categories");
      fields(one, path, collection.fields);
      one.finish(false);
      out.collections.push_back(std::move(collection));
    }
    map.finish(false);
    return out;
  }

 private:
  void fields(MapReader& map, const std::string& path, std::vector<Field>& out) {
    for (const Node* node : map.elements("fields")) {
      Field one = field(*node, path);
      const bool twin = std::any_of(out.begin(), out.end(), [&](const Field& other) {
        return other.name.text == one.name.text;
      });
      if (twin) {
        reading_.report.differ(one.name.span, "left out: a field of that name is there already");
        continue;
      }
      out.push_back(std::move(one));
    }
  }

  Field field(const Node& node, const std::string& parent) {
    Field out;
    const Node* name = node.find("name");
    const std::string path = parent + "." + (name == nullptr ? "" : name->text);
    MapReader map(reading_, node, path);
    out.name = map.text("name", true);
    out.description = map.text("description");
    out.categories = map.texts("data_categories");
    for (const Text& category : out.categories) {
      const bool good = category.text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") ==
                            std::string::npos &&
                        !category.text.empty();
      if (!good) map.mistake(category.span, "this isn't written like a data category");
    }
    fields(map, path, out.fields);
    const Node* meta = map.take("fides_meta");
    const Node* legacy = map.take("fidesops_meta");
    if (meta == nullptr) meta = legacy;
    if (meta != nullptr) read_meta(*meta, path, out);
    map.finish(false);
    return out;
  }

  void read_meta(const Node& node, const std::string& path, Field& out) {
    MapReader map(reading_, node, path);
    out.primary_key = map.flag("primary_key", &out.key_span);
    out.read_only = map.flag("read_only", &out.read_only_span);
    const Text type = map.text("data_type");
    out.type = type.text;
    out.type_span = type.span;
    // Fides takes several `[]` as one.
    while (out.type.ends_with("[]")) {
      out.list = true;
      out.type.resize(out.type.size() - 2);
    }
    static constexpr std::string_view types[] = {"",        "string",    "integer", "float",
                                                 "boolean", "object_id", "object"};
    if (std::find(std::begin(types), std::end(types), out.type) == std::end(types)) {
      map.mistake(type.span, "there is no data type `" + type.text + "`");
      out.type.clear();
    }
    if (!out.fields.empty() && !out.type.empty() && out.type != "object") {
      map.mistake(type.span, "a field with fields of its own is an `object` or `object[]`");
    }
    const Text length = map.text("length");
    out.length_span = length.span;
    if (length.given) {
      const Node* value = node.find("length");
      out.length = value == nullptr ? 0 : as_int(*value).value_or(0);
      if (out.length < 1) map.mistake(length.span, "a length is a whole number from 1");
    }
    out.mask = map.strategy("masking_strategy_override");
    Span all{};
    out.all_elements = map.flag("return_all_elements", &all);
    if (out.all_elements) {
      reading_.report.say(all,
                          "left out: fconn gives every row whole, with all elements of its lists");
    }
    const Text custom = map.text("custom_request_field");
    if (custom.given) {
      reading_.report.say(custom.span, "left out: a field for Fides' e-mail connectors");
    }
    map.finish(false);
  }

  const Reading& reading_;
};

}  // namespace

const Collection* Dataset::find(std::string_view name) const {
  const auto found = std::find_if(collections.begin(), collections.end(),
                                  [name](const Collection& one) { return one.name.text == name; });
  return found == collections.end() ? nullptr : &*found;
}

std::optional<Dataset> read_dataset(const Node& root, const Reading& reading) {
  return DatasetReader(reading).read(root);
}

}  // namespace fconn::importer
