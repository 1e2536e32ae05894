#include <algorithm>
#include <set>

#include "tools/import/text.hh"
#include "tools/openapi/lower.hh"
#include "tools/openapi/names.hh"

namespace fconn::openapi {
namespace {

using importer::Block;
using importer::object_key;
using Kind = Shape::Kind;

constexpr std::size_t one_line = 90;

/// Fields of a row: types, the key, suggested categories.
class FieldPrinter {
 public:
  FieldPrinter(const Candidate& one, Report& report)
      : one_(one), report_(report), people_(is_people(one.name)) {}

  Block print() {
    Block out("fields");
    if (one_.rows.row == nullptr) return out;
    out.items = members(*one_.rows.row, {}, false);
    if (cut_ > 0) {
      report_.say(one_.operation->where, "GET " + one_.operation->path,
                  std::to_string(cut_) + (cut_ == 1 ? " field is" : " fields are") +
                      " described no deeper: what is in it lies too deep or contains itself");
    }
    return out;
  }

 private:
  std::vector<Block> members(const Shape& object, const std::vector<std::string>& parents,
                             bool in_list) {
    FieldPlace place;
    place.people = people_;
    place.parents = parents;
    for (const ShapeMember& member : object.members) place.siblings.push_back(bare(member.name));
    std::vector<Block> out;
    for (const ShapeMember& member : object.members) {
      if (!member.name.empty()) out.push_back(field(member, place, in_list));
    }
    return out;
  }

  Block field(const ShapeMember& member, const FieldPlace& place, bool in_list) {
    const Shape& shape = member.shape;
    const bool list = shape.is(Kind::list);
    const Shape* object = list && !shape.element.empty() ? &shape.element.front() : &shape;
    if (object->cut) ++cut_;
    const std::string name = object_key(member.name);
    if (object->is(Kind::object) && !object->members.empty()) {
      std::vector<std::string> parents = place.parents;
      parents.push_back(member.name);
      const std::vector<Block> inner = members(*object, parents, in_list || list);
      return Block(name + ": " + (list ? "[{" : "{") + body(inner, name.size()) +
                   (list ? "}]" : "}"));
    }
    Block out(name + ": " + type_text(shape));
    const bool top = place.parents.empty() && !in_list;
    if (top && member.name == one_.key) out.head += " key";
    const Shape& leaf = list && !shape.element.empty() ? shape.element.front() : shape;
    const std::string category =
        category_of(list ? singular(member.name) : member.name, leaf, place);
    if (!category.empty()) {
      out.head += " @" + category;
      out.behind = "suggested";
    }
    return out;
  }

  static std::string body(const std::vector<Block>& fields, std::size_t around) {
    std::string line = " ";
    bool plain = true;
    for (const Block& field : fields) {
      plain = plain && field.behind.empty() && field.head.find_first_of("\n{") == std::string::npos;
      line += (line.size() > 1 ? ", " : "") + field.head;
    }
    if (plain && line.size() + around <= one_line) return line + " ";
    std::string out = "\n";
    for (const Block& field : fields) {
      out += field.head + (field.behind.empty() ? "" : "  # " + field.behind) + "\n";
    }
    return out;
  }

  const Candidate& one_;
  Report& report_;
  bool people_;
  int cut_ = 0;
};

class CollectionPrinter {
 public:
  CollectionPrinter(const Candidate& one, const std::vector<Candidate>& all, const Clients& clients,
                    Values& values, Refs& refs, Report& report)
      : one_(one),
        all_(all),
        clients_(clients),
        values_(values),
        refs_(refs),
        report_(report),
        what_("GET " + one.operation->path) {}

  Block print() {
    Block out("collection " + one_.name);
    for (const std::string& line : importer::doc_lines(one_.operation->summary)) {
      out.comments.push_back(line);
    }
    if (one_.parent) {
      binding_ = values_.binding(all_[*one_.parent].name);
      sources_ = binding_ + " in " + all_[*one_.parent].name;
    }
    Block read_block = read();
    if (!sources_.empty()) out.add("for " + sources_);
    out.items.push_back(std::move(read_block));
    fields(out);
    report_.say(one_.operation->where, what_, "collection " + one_.name);
    return out;
  }

 private:
  /// With the document's requests that change a row: erasing is for a person to decide.
  void fields(Block& out) const {
    Block block = fields_block(one_, report_);
    for (const auto& [member, hole] : one_.passed) block.add(object_key(member) + ": any");
    std::vector<std::string> remark;
    if (!one_.actions_near.empty()) {
      std::string text;
      for (const std::string& action : one_.actions_near) {
        text += (text.empty() ? "" : ", ") + action;
      }
      remark = importer::doc_lines(
          "The API has " + text + ": add `update` or `delete` if a row is erased that way.", "# ");
    }
    if (block.items.empty()) {
      out.comments.insert(out.comments.end(), remark.begin(), remark.end());
      return;
    }
    block.comments = std::move(remark);
    out.items.push_back(std::move(block));
  }

  Block read() {
    Block out("read GET " + target() + clients_.via(one_.operation->server));
    parameters();
    std::optional<PagingGuess> paging;
    if (one_.rows.list) {
      paging = guess_paging(*one_.operation, one_.answer, one_.key, refs_);
    }
    if (paging) {
      for (const auto& [name, expr] : paging->query) add_query(name, expr);
    }
    if (!query_.items.empty()) out.items.push_back(query_);
    if (!headers_.items.empty()) out.items.push_back(headers_);
    rows(out);
    pass_on(out);
    if (paging) {
      Block clause(paging->clause);
      clause.comments = {"# A guess from " + paging->why + ": confirm it."};
      report_.guess(one_.operation->where, what_, paging->clause + ", from " + paging->why);
      out.items.push_back(std::move(clause));
    } else if (one_.rows.list) {
      report_.guess(one_.operation->where, what_,
                    "no pages: nothing suggests how a next one is asked for");
    }
    return out;
  }

  std::string target() {
    std::string out;
    const std::string& path = one_.operation->path;
    std::size_t hole = 0;
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i] != '{') {
        out += path[i];
        continue;
      }
      filled_.push_back(value_of(one_.holes[hole++]));
      out += "{" + filled_.back() + "}";
      i = path.find('}', i);
    }
    return out;
  }

  /// What collections below need beside the rows' own members.
  void pass_on(Block& out) const {
    if (one_.passed.empty()) return;
    std::string members;
    for (const auto& [member, hole] : one_.passed) {
      members += ", " + object_key(member) + ": " + filled_[hole];
    }
    Block map("map { ...." + members + " }");
    map.comments = {"# Adds what the request was made with, for the collections below."};
    out.items.push_back(std::move(map));
  }

  std::string value_of(const Hole& hole) {
    if (!hole.field.empty()) {
      return binding_ + steps_of({hole.field});
    }
    const std::string identity = identity_of(hole.name);
    if (!identity.empty() && !one_.parent) {
      std::string ours = values_.identity(identity);
      if (!ours.empty()) {
        needs_person_ = true;
        report_.guess(one_.operation->where, what_, "`" + hole.name + "` is identity " + ours);
        return ours;
      }
    }
    const Node* schema = schema_of(hole.name, Place::path);
    if (std::string constant = constant_of(schema, refs_); !constant.empty()) return constant;
    if (hole.scope) {
      report_.guess(one_.operation->where, what_,
                    "no collection gives `" + hole.name + "`: it is a parameter");
      return values_.param(hole.name, hole.thing, schema, refs_);
    }
    report_.guess(one_.operation->where, what_,
                  "no collection gives `" + hole.name + "`: its values come from outside");
    const std::string external = values_.external(hole.name, hole.thing, schema, refs_);
    std::string name = values_.binding(external);
    sources_ += (sources_.empty() ? "" : ", ") + name + " in " + external;
    return name;
  }

  const Node* schema_of(const std::string& name, Place place) const {
    for (const Parameter& one : one_.operation->parameters) {
      if (one.name == name && one.place == place) return one.schema;
    }
    return nullptr;
  }

  void parameters() {
    for (const Parameter& one : one_.operation->parameters) {
      if (one.place == Place::path) continue;
      const std::string identity = one.place == Place::query ? identity_of(one.name) : "";
      const bool asks =
          identity == "email" || identity == "phone_number" || (one.required && !identity.empty());
      if (asks && !one_.parent && !needs_person_) {
        std::string ours = values_.identity(identity);
        if (!ours.empty()) {
          needs_person_ = true;
          add_query(one.name, ours);
          report_.guess(one.where, what_, "`" + one.name + "` is identity " + ours);
          continue;
        }
      }
      if (!one.required || is_signed_instead(one)) continue;
      if (one.place == Place::header) {
        header(one);
      } else {
        add_query(one.name, value(one));
      }
    }
  }

  void header(const Parameter& one) {
    const std::string name = bare(one.name);
    if (name == "authorization" || name == "accept" || name == "contenttype") return;
    headers_.add(object_key(one.name) + ": " + value(one));
  }

  /// A token in the query beside the client's `auth` would be a second one, and no secret.
  bool is_signed_instead(const Parameter& one) {
    if (!is_credential(one.name) || !clients_.signs()) return false;
    report_.guess(one.where, what_, "`" + one.name + "` is left out: the client's `auth` signs");
    return true;
  }

  std::string value(const Parameter& one) {
    if (is_credential(one.name)) return values_.credential(one.name);
    std::string constant = constant_of(one.schema, refs_);
    if (!constant.empty()) return constant;
    return values_.param(one.name, singular(one_.name), one.schema, refs_);
  }

  void add_query(const std::string& name, const std::string& expr) {
    if (asked_.insert(name).second) query_.add(object_key(name) + ": " + expr);
  }

  void rows(Block& out) {
    if (!one_.rows.path.empty()) {
      Block clause("rows " + steps_of(one_.rows.path));
      if (!one_.rows.sure) {
        clause.comments = {"# A guess: the answer has more than one place for them."};
        report_.guess(one_.operation->where, what_, "rows " + steps_of(one_.rows.path));
      }
      out.items.push_back(std::move(clause));
    }
    const bool narrowed = needs_person_ || !sources_.empty();
    if (narrowed || one_.rows.row == nullptr || !one_.rows.list) return;
    const std::string member = email_member(*one_.rows.row, one_.name);
    const std::string identity = member.empty() ? "" : values_.identity("email");
    if (!identity.empty()) {
      Block keep("keep " + steps_of({member}) + " == " + identity);
      keep.comments = {"# A guess: the rows of the person who asks."};
      report_.guess(one_.operation->where, what_, keep.head);
      out.items.push_back(std::move(keep));
      return;
    }
    out.comments = {"# Reads every row: nothing here says whose they are."};
    report_.guess(one_.operation->where, what_,
                  "every row is read: add a query, a `keep` or a `for` that says whose they are");
  }

  const Candidate& one_;
  const std::vector<Candidate>& all_;
  const Clients& clients_;
  Values& values_;
  Refs& refs_;
  Report& report_;
  std::string what_, binding_, sources_;
  std::vector<std::string> filled_;  // what stands in the path, by hole
  Block query_{"query"}, headers_{"headers"};
  std::set<std::string> asked_;
  bool needs_person_ = false;
};

}  // namespace

Block fields_block(const Candidate& one, Report& report) {
  return FieldPrinter(one, report).print();
}

std::string email_member(const Shape& row, const std::string& collection) {
  FieldPlace place;
  place.people = is_people(collection);
  for (const ShapeMember& member : row.members) {
    const bool text = member.shape.is(Kind::string);
    if (text && category_of(member.name, member.shape, place) == "user.contact.email") {
      return member.name;
    }
  }
  return "";
}

Block collection_block(const Candidate& one, const std::vector<Candidate>& all,
                       const Clients& clients, Values& values, Refs& refs, Report& report) {
  return CollectionPrinter(one, all, clients, values, refs, report).print();
}

}  // namespace fconn::openapi
