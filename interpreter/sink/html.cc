// A report that a person can read: what was asked, where data of which category was found, and
// every row field by field. Rows are turned into HTML as they come and wait in a spool; the page is
// put together at the end, when counts and outcomes are known.
#include <algorithm>
#include <set>

#include "interpreter/sink/html_page.hh"
#include "interpreter/sink/sinks.hh"
#include "interpreter/sink/spool.hh"
#include "interpreter/value/value.hh"

namespace fconn::sink {
namespace {

constexpr std::string_view uncategorised = "no category given";
constexpr std::size_t copy_window = 64 * 1024;

struct Section {
  Spool rows;
  std::uint64_t count = 0;
  value::Outcome outcome;
  bool finished = false;
};

class HtmlSink : public value::Sink {
 public:
  HtmlSink(Output& output, Report report) : output_(output), report_(std::move(report)) {
    for (const ReportInstance& instance : report_.instances) {
      for (const ReportCollection& collection : instance.collections) {
        auto& fields = fields_[file_stem(instance.key, collection.name)];
        for (const ReportField& field : collection.fields) fields[field.path] = &field;
      }
    }
  }

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override {
    const std::string stem = file_stem(instance, collection);
    Section& section = sections_[stem];
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (batch.dropped(i)) continue;
      std::string html = "<table><caption>Record " + std::to_string(++section.count) +
                         "</caption>\n<thead><tr><th scope=\"col\">Field</th><th "
                         "scope=\"col\">Category</th><th scope=\"col\">Value</th></tr></thead>\n"
                         "<tbody>\n";
      arena_.reset();
      place_ = {stem, std::string(instance) + ": " + std::string(collection)};
      append_leaves(html, "", "", value::Value::raw(batch.row(i)));
      html += "</tbody></table>\n";
      if (auto spooled = section.rows.append(html); !spooled) return spooled;
    }
    return {};
  }

  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome& outcome) override {
    Section& section = sections_[file_stem(instance, collection)];
    section.outcome = outcome;
    section.finished = true;
    return {};
  }

  value::Result<void> close() override {
    const std::string top = page_head(report_.title) + incomplete() + asked() + overview();
    if (auto written = output_.write(top); !written) {
      return written;
    }
    for (const ReportInstance& instance : report_.instances) {
      if (auto written = write_instance(instance); !written) return written;
    }
    if (auto written = output_.write(page_end()); !written) return written;
    return output_.flush();
  }

 private:
  struct Place {
    std::string stem, label;
  };

  /// One table row for each scalar below `node`. `path` shows positions ("tags[2].name"), `field`
  /// doesn't ("tags.name") and finds the declared categories.
  void append_leaves(std::string& html, const std::string& path, const std::string& field,
                     const value::Value& node) {
    const value::Value plain = value::decoded(node, arena_);
    if (plain.kind == value::Kind::object && plain.count > 0) {
      for (const value::Member& member : plain.object_view()) {
        const std::string key(member.key);
        append_leaves(html, path.empty() ? key : path + "." + key,
                      field.empty() ? key : field + "." + key, member.value);
      }
      return;
    }
    if (plain.kind == value::Kind::list && plain.count > 0) {
      std::size_t position = 0;
      for (const value::Value& element : plain.list_view()) {
        append_leaves(html, path + "[" + std::to_string(++position) + "]", field, element);
      }
      return;
    }
    append_leaf(html, path, field, plain);
  }

  void append_leaf(std::string& html, const std::string& path, const std::string& field,
                   const value::Value& plain) {
    html += "<tr><th scope=\"row\">";
    append_escaped(html, path.empty() ? "value" : path);
    html += "</th><td class=\"category\">";
    append_escaped(html, categories(field));
    html += "</td><td>";
    if (plain.kind == value::Kind::string) {
      append_escaped(html, plain.view());
    } else {
      append_escaped(html, value::to_json(plain));
    }
    html += "</td></tr>\n";
  }

  /// The categories of the field, or of the nearest declared one above it.
  std::string categories(std::string field) {
    const auto& fields = fields_[place_.stem];
    while (true) {
      const auto found = fields.find(field);
      if (found != fields.end() && !found->second->categories.empty()) {
        std::string text;
        for (const std::string& category : found->second->categories) {
          text += (text.empty() ? "" : ", ") + category;
          holders_[category].insert(place_.label);
        }
        return text;
      }
      const std::size_t dot = field.rfind('.');
      if (dot == std::string::npos) break;
      field.resize(dot);
    }
    holders_[std::string(uncategorised)].insert(place_.label);
    return "";
  }

  std::string asked() const {
    if (report_.asked.empty()) return "";
    std::string html =
        "<section><h2>What was asked</h2>\n<table><thead><tr><th scope=\"col\">"
        "Item</th><th scope=\"col\">Value</th></tr></thead><tbody>\n";
    for (const auto& item : report_.asked) {
      html += "<tr><th scope=\"row\">";
      append_escaped(html, item.first);
      html += "</th><td>";
      append_escaped(html, item.second);
      html += "</td></tr>\n";
    }
    return html + "</tbody></table></section>\n";
  }

  /// Collections that may hold more than the report does, for whoever reads no further.
  std::string incomplete() const {
    std::string names;
    for (const ReportInstance& instance : report_.instances) {
      for (const ReportCollection& collection : instance.collections) {
        const auto found = sections_.find(file_stem(instance.key, collection.name));
        if (found == sections_.end() || whole(found->second)) continue;
        if (!names.empty()) names += ", ";
        append_escaped(names, instance.key + ": " + collection.name);
      }
    }
    if (names.empty()) return names;
    return "<p><strong>This report isn't complete.</strong> There may be more in " + names +
           "; below stands why.</p>\n";
  }

  static bool whole(const Section& section) {
    const value::CollectionState state = section.outcome.state;
    return section.finished && section.outcome.unlike == 0 &&
           (state == value::CollectionState::complete || state == value::CollectionState::skipped);
  }

  std::string overview() const {
    std::string html = "<section><h2>Categories of data found</h2>\n";
    if (holders_.empty()) {
      const bool all = std::all_of(sections_.begin(), sections_.end(),
                                   [](const auto& entry) { return whole(entry.second); });
      html += all ? "<p>No data was found." : "<p>No data was found in what could be read.";
      return html + "</p></section>\n";
    }
    html +=
        "<table><thead><tr><th scope=\"col\">Category</th><th scope=\"col\">Held in</th></tr>"
        "</thead><tbody>\n";
    for (const auto& holder : holders_) {
      html += "<tr><th scope=\"row\">";
      append_escaped(html, holder.first);
      html += "</th><td>";
      bool first = true;
      for (const std::string& label : holder.second) {
        if (!first) html += "<br>";
        first = false;
        append_escaped(html, label);
      }
      html += "</td></tr>\n";
    }
    return html + "</tbody></table></section>\n";
  }

  value::Result<void> write_instance(const ReportInstance& instance) {
    std::string html = "<section><h2>";
    append_escaped(html, instance.title.empty() ? instance.key : instance.title);
    html += "</h2>\n";
    if (auto written = output_.write(html); !written) return written;
    for (const ReportCollection& collection : instance.collections) {
      const auto found = sections_.find(file_stem(instance.key, collection.name));
      if (found == sections_.end()) continue;
      if (auto written = write_collection(collection, found->second); !written) return written;
    }
    return output_.write("</section>\n");
  }

  value::Result<void> write_collection(const ReportCollection& collection, Section& section) {
    std::string html = "<section><h3>";
    append_escaped(html, collection.name);
    html += "</h3>\n";
    if (!collection.doc.empty()) {
      html += "<p>";
      append_escaped(html, collection.doc);
      html += "</p>\n";
    }
    html += "<p>" + std::to_string(section.count) + (section.count == 1 ? " record" : " records");
    const bool complete =
        section.finished && section.outcome.state == value::CollectionState::complete;
    if (!complete) {
      html += "; <strong>";
      append_escaped(html, section.finished ? value::name(section.outcome.state) : "interrupted");
      html += "</strong>";
      if (!section.outcome.reason.empty()) {
        html += ": ";
        append_escaped(html, section.outcome.reason);
      }
    }
    html += ".</p>\n" + left_out(section.outcome);
    if (auto written = output_.write(html); !written) return written;
    for (std::uint64_t offset = 0; offset < section.rows.size();) {
      const auto length = static_cast<std::size_t>(
          std::min<std::uint64_t>(copy_window, section.rows.size() - offset));
      auto piece = section.rows.read(offset, length);
      if (!piece) return value::fail(piece.error());
      if (auto written = output_.write(*piece); !written) return written;
      offset += length;
    }
    return output_.write("</section>\n");
  }

  static std::string left_out(const value::Outcome& outcome) {
    std::string html;
    if (outcome.unlike > 0) {
      html += "<p>Left out: " + std::to_string(outcome.unlike) +
              (outcome.unlike == 1 ? " record" : " records") +
              ", as an earlier one with the same key holds something else.</p>\n";
    }
    for (const auto& [reason, count] : outcome.skips) {
      html += "<p>Gave no records: " + std::to_string(count) +
              (count == 1 ? " answer" : " answers") + ": ";
      append_escaped(html, reason);
      html += ".</p>\n";
    }
    return html;
  }

  Output& output_;
  Report report_;
  std::map<std::string, std::map<std::string, const ReportField*>> fields_;
  std::map<std::string, Section> sections_;
  std::map<std::string, std::set<std::string>> holders_;
  Place place_;
  value::Arena arena_;
};

}  // namespace

std::unique_ptr<value::Sink> make_html(Output& output, Report report) {
  return std::make_unique<HtmlSink>(output, std::move(report));
}

}  // namespace fconn::sink
