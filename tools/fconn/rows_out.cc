#include "tools/fconn/rows_out.hh"

#include <sys/stat.h>

namespace fconn::cli {
namespace {

bool names_folder(const std::string& path) {
  struct stat info {};
  return path.ends_with('/') || (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode));
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

void report_fields(const std::vector<ir::Field>& fields, const std::string& prefix,
                   std::vector<sink::ReportField>& out) {
  for (const ir::Field& field : fields) {
    const std::string path = prefix + field.name;
    out.push_back({path, field.categories});
    report_fields(field.fields, path + ".", out);
  }
}

sink::Report make_report(const std::vector<run::Instance>& instances, const std::string& action,
                         const std::string& request_id, const std::string& time,
                         const std::vector<std::string>& targets) {
  sink::Report report;
  report.title = action == "access" ? "Access report" : "Data report";
  report.asked.emplace_back("Request", request_id);
  report.asked.emplace_back("Date", time);
  for (const std::string& target : targets) report.asked.emplace_back("Data category", target);
  for (const run::Instance& instance : instances) {
    for (const auto& [name, values] : instance.identities) {
      for (const value::OwnedValue& value : values) {
        std::pair<std::string, std::string> item(name, value.get().view());
        bool known = false;
        for (const auto& other : report.asked) known = known || other == item;
        if (!known) report.asked.push_back(std::move(item));
      }
    }
    sink::ReportInstance one;
    one.key = instance.key;
    one.title = instance.connector->title.empty() ? instance.key : instance.connector->title;
    if (one.title != one.key) one.title += " (" + one.key + ")";
    for (const ir::Collection& collection : instance.connector->collections) {
      sink::ReportCollection part{collection.name, collection.doc, {}};
      report_fields(collection.fields, "", part.fields);
      one.collections.push_back(std::move(part));
    }
    report.instances.push_back(std::move(one));
  }
  return report;
}

}  // namespace

value::Result<RowsOut> open_rows(const RunArgs& args, const std::vector<run::Instance>& instances,
                                 const std::string& action, const std::string& request_id,
                                 const std::string& time, const std::vector<std::string>& targets) {
  RowsOut out;
  const std::string format = args.format.value_or("ndjson");
  const bool to_file = args.out && *args.out != "-";
  const bool csv = format == "csv" || format == "csv-exact";
  const bool folder = to_file && (csv || names_folder(*args.out));
  if (csv && !to_file) {
    return value::fail(
        value::FailureKind::configuration,
        "--format " + format + " needs --out DIR, as there is one file a collection");
  }
  if (format == "html" && folder) {
    return value::fail(value::FailureKind::configuration,
                       "--format html writes one page: --out needs a file's name");
  }
  if (folder) {
    const std::string path = without_slash(*args.out);
    if (auto made = sink::make_directory(path); !made) return value::fail(made.error());
    if (csv) {
      const auto cells = format == "csv" ? sink::CsvCells::guarded : sink::CsvCells::exact;
      out.format = sink::make_csv(path, args.provenance, cells);
    } else {
      out.format = sink::make_files(
          path, format == "json" ? sink::FileFormat::json : sink::FileFormat::ndjson,
          args.provenance);
    }
  } else {
    if (to_file) {
      auto file = sink::Output::create(*args.out);
      if (!file) return value::fail(file.error());
      out.output = std::move(*file);
    } else {
      out.output = std::make_unique<sink::Output>(1, "standard output");
    }
    if (format == "html") {
      out.format =
          sink::make_html(*out.output, make_report(instances, action, request_id, time, targets));
    } else if (format == "json") {
      out.format = sink::make_json(*out.output, args.provenance);
    } else {
      out.format = sink::make_ndjson(*out.output, args.provenance);
    }
  }
  if (args.ordered) out.ordered = sink::make_ordered(*out.format);
  return out;
}

}  // namespace fconn::cli
