// The formats in which rows leave: NDJSON, JSON, CSV and a report for people. A sink sees batches
// and outcomes, never responses. Each factory's outputs must outlive the sink unless it owns them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "interpreter/sink/output.hh"
#include "interpreter/value/ports.hh"

namespace fconn::sink {

/// One line a row (cli-contract "Rows"), as they come. With `provenance` each line has "from".
std::unique_ptr<value::Sink> make_ndjson(Output& output, bool provenance);
/// The same objects as one JSON array, as they come.
std::unique_ptr<value::Sink> make_json(Output& output, bool provenance);

enum class FileFormat : std::uint8_t { ndjson, json };
/// One file a collection in `directory` (made, mode 0700, when absent): INSTANCE.COLLECTION.ndjson
/// or .json; here a line is the object as above, so that files can be joined.
std::unique_ptr<value::Sink> make_files(std::string directory, FileFormat format, bool provenance);

/// `guarded`: a text that a spreadsheet would compute, as it begins with = + - @ or a control
/// character, gets an apostrophe in front, in names of columns as well; numbers don't. `exact`:
/// every text as it is.
enum class CsvCells : std::uint8_t { guarded, exact };

/// RFC 4180, one file a collection in `directory`. Columns are the union of the rows' top-level
/// keys in order of first appearance, so rows wait in a spool until the collection is finished.
/// Text is written plain, numbers as spelt, null empty, lists and objects as JSON; a row that is
/// no object goes into a column "value". With `provenance` the columns "from.request" and
/// "from.identity" come first.
std::unique_ptr<value::Sink> make_csv(std::string directory, bool provenance,
                                      CsvCells cells = CsvCells::guarded);

/// What the report says besides rows; all plain text.
struct ReportField {
  std::string path;  // "merge_fields.ADDRESS.addr1"; lists don't show in it
  std::vector<std::string> categories;
};
struct ReportCollection {
  std::string name, doc;
  std::vector<ReportField> fields;
};
struct ReportInstance {
  std::string key, title;
  std::vector<ReportCollection> collections;
};
struct Report {
  std::string title;
  std::vector<std::pair<std::string, std::string>> asked;  // "email" -> "ada@example.com"
  std::vector<ReportInstance> instances;
};
/// One self-contained page, written at the end of the run.
std::unique_ptr<value::Sink> make_html(Output& output, Report report);

/// Holds everything back and hands it on at close(), sorted by instance, collection and position
/// (--ordered). `inner` must outlive it.
std::unique_ptr<value::Sink> make_ordered(value::Sink& inner);

/// "INSTANCE.COLLECTION" with everything but letters, digits, `_` and `-` as %XX: a file name.
std::string file_stem(std::string_view instance, std::string_view collection);
/// Makes the directory and those above it, mode 0700; nothing to do when it is there.
value::Result<void> make_directory(const std::string& path);

}  // namespace fconn::sink
