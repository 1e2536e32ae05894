// The first event of a trace: what the run is made of, so that the file explains itself
// (docs/trace.md).
#include "interpreter/run/trace.hh"

#include <algorithm>
#include <set>

#include "interpreter/run/state.hh"

namespace fconn::run {

namespace {

/// Names of the standard library's files begin so; its text is in every program.
constexpr std::string_view library = "<stdlib>/";

std::string quoted(std::string_view text) {
  std::string out;
  value::append_json_string(text, out);
  return out;
}

/// The collections whose rows it is made from, once each.
std::string needs_of(const ir::Connector& connector, const ir::Collection& collection) {
  std::string out;
  std::set<std::uint32_t> said;
  for (const ir::Source& source : collection.sources) {
    if (!source.collection || !said.insert(source.collection->value).second) continue;
    out += (out.empty() ? "" : ",") + quoted(connector.collections[source.collection->value].name);
  }
  return out;
}

}  // namespace

std::string place_member(const ir::Connector& connector, grammar::Span span) {
  if (span.end <= span.begin || span.file.value >= connector.files.size()) return {};
  const ir::SourceFile& file = connector.files[span.file.value];
  const auto end =
      file.text.begin() +
      std::min<std::ptrdiff_t>(span.begin, static_cast<std::ptrdiff_t>(file.text.size()));
  const auto line = 1 + std::count(file.text.begin(), end, '\n');
  return ",\"at\":{\"file\":" + quoted(file.name) + ",\"line\":" + std::to_string(line) + "}";
}

std::string timing_members(const http::Timings& timing) {
  return ",\"first_byte_ms\":" + std::to_string(timing.first_byte.count()) +
         ",\"took_ms\":" + std::to_string(timing.total.count());
}

void Engine::State::trace_start() {
  if (ports.trace == nullptr || !ports.trace->enabled()) return;
  std::string members =
      ",\"started_ms\":" + std::to_string(ports.clock.wall().time_since_epoch().count()) +
      ",\"collections\":[";
  std::string files;
  std::set<std::string> named;
  bool first = true;
  for (const auto& instance : instances) {
    const ir::Connector& connector = *instance->connector;
    for (const auto& collection : instance->collections) {
      if (!collection->runs) continue;
      members += first ? "{\"instance\":" : ",{\"instance\":";
      first = false;
      members += quoted(instance->instance.key) +
                 ",\"collection\":" + quoted(collection->collection->name) + ",\"needs\":[" +
                 needs_of(connector, *collection->collection) + "]" +
                 place_member(connector, collection->collection->span) + "}";
    }
    for (const ir::SourceFile& file : connector.files) {
      if (file.name.starts_with(library) || !named.insert(file.name).second) continue;
      files += (files.empty() ? "{\"name\":" : ",{\"name\":") + quoted(file.name) +
               ",\"text\":" + quoted(ports.redactor.redact(file.text)) + "}";
    }
  }
  trace("start", nullptr, members + "],\"files\":[" + files + "]");
  notes = std::make_unique<TraceNotes>(
      ports.redactor, !options.private_trace,
      [this](std::string_view event, std::string_view said) { trace(event, nullptr, said); });
}

}  // namespace fconn::run
