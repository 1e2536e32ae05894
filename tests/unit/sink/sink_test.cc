#include <unistd.h>

#include <csignal>

#include "interpreter/sink/spool.hh"
#include "tests/unit/sink/sink_support.hh"

namespace fconn::sink::test {
namespace {

TEST_CASE("NDJSON copies rows as they were received") {
  const Folder folder;
  auto output = Output::create(folder / "rows.ndjson");
  REQUIRE(output);
  const auto sink = make_ndjson(**output, false);
  value::RowBatch rows = batch({R"({"b":1.50,"a":"\u00e9"})", R"({"dropped":true})", "7"});
  rows.drop(1);
  REQUIRE(sink->write("shop", "orders", rows));
  REQUIRE(sink->write("shop", "odd \"name\"", batch({"null"})));
  REQUIRE(sink->close());
  CHECK(read(folder / "rows.ndjson") ==
        R"({"instance":"shop","collection":"orders","row":{"b":1.50,"a":"\u00e9"}})"
        "\n"
        R"({"instance":"shop","collection":"orders","row":7})"
        "\n"
        R"({"instance":"shop","collection":"odd \"name\"","row":null})"
        "\n");
  CHECK(mode(folder / "rows.ndjson") == 0600U);
}

TEST_CASE("provenance is added after the row") {
  const Folder folder;
  auto output = Output::create(folder / "rows");
  REQUIRE(output);
  const auto sink = make_ndjson(**output, true);
  value::RowBatch rows = batch({"{}"}, "r17");
  rows.provenance.inputs = {"\"a\"", "2"};
  rows.provenance.identity = "email";
  REQUIRE(sink->write("i", "c", rows));
  REQUIRE(sink->write("i", "c", batch({"{}"}, "r18")));
  REQUIRE(sink->close());
  CHECK(
      read(folder / "rows") ==
      R"({"instance":"i","collection":"c","row":{},"from":{"request":"r17","inputs":["a",2],"identity":"email"}})"
      "\n"
      R"({"instance":"i","collection":"c","row":{},"from":{"request":"r18","inputs":[],"identity":null}})"
      "\n");
}

TEST_CASE("JSON is one list, also without rows") {
  const Folder folder;
  for (const bool empty : {true, false}) {
    auto output = Output::create(folder / "rows.json");
    REQUIRE(output);
    const auto sink = make_json(**output, false);
    if (!empty) {
      REQUIRE(sink->write("i", "c", batch({"1", "2"})));
      REQUIRE(sink->write("i", "d", batch({"3"})));
    }
    REQUIRE(sink->close());
    CHECK(read(folder / "rows.json") ==
          (empty ? "[]\n"
                 : "[\n{\"instance\":\"i\",\"collection\":\"c\",\"row\":1},\n"
                   "{\"instance\":\"i\",\"collection\":\"c\",\"row\":2},\n"
                   "{\"instance\":\"i\",\"collection\":\"d\",\"row\":3}\n]\n"));
  }
}

TEST_CASE("one file a collection, an empty one too") {
  const Folder folder;
  const auto sink = make_files(folder / "new/deep", FileFormat::ndjson, false);
  REQUIRE(sink->write("shop", "a/b", batch({"1"})));
  REQUIRE(sink->finish("shop", "a/b", {}));
  REQUIRE(sink->finish("shop", "none", {}));
  REQUIRE(sink->close());
  CHECK(read(folder / "new/deep/shop.a%2Fb.ndjson") ==
        "{\"instance\":\"shop\",\"collection\":\"a/b\",\"row\":1}\n");
  CHECK(read(folder / "new/deep/shop.none.ndjson").empty());
  CHECK(mode(folder / "new/deep/shop.none.ndjson") == 0600U);
  CHECK(mode(folder / "new") == 0700U);
}

TEST_CASE("CSV: union of columns in order of first appearance, RFC 4180 quoting") {
  const Folder folder;
  const auto sink = make_csv(folder.path(), false);
  REQUIRE(sink->write("i", "c",
                      batch({R"({"id":1,"name":"a,b","note":"say \"hi\"\nthere"})",
                             R"({"id":12345678901234567890.10,"tags":["x",{"y":null}]})"})));
  REQUIRE(sink->write("i", "other", batch({R"({"z":true})", "\"text\"", R"({"value":""})"})));
  REQUIRE(sink->write("i", "c", batch({R"({"name":null,"extra":"","id":false})"})));
  REQUIRE(sink->finish("i", "c", {}));
  REQUIRE(sink->close());
  CHECK(read(folder / "i.c.csv") ==
        "id,name,note,tags,extra\r\n"
        "1,\"a,b\",\"say \"\"hi\"\"\nthere\",,\r\n"
        "12345678901234567890.10,,,\"[\"\"x\"\",{\"\"y\"\":null}]\",\r\n"
        "false,,,,\"\"\r\n");
  CHECK(read(folder / "i.other.csv") == "z,value\r\ntrue,\r\n,text\r\n,\"\"\r\n");
}

TEST_CASE("CSV: what a spreadsheet would compute is a text, unless every text is wanted as it is") {
  const std::string row =
      R"~({"id":-5,"a":"=cmd|' /C calc'!A0","b":"+49 170 12","c":"-2.5","d":"-2+3",)~"
      R"~("e":"@SUM(A1)","f":"\t=1","g":"+","h":"a=1","i":"\uFF1D1","=j":"-"})~";
  const std::string guarded =
      "id,a,b,c,d,e,f,g,h,i,'=j\r\n"
      "-5,'=cmd|' /C calc'!A0,+49 170 12,-2.5,'-2+3,'@SUM(A1),'\t=1,'+,a=1,'\xEF\xBC\x9D"
      "1,'-\r\n";
  const std::string exact =
      "id,a,b,c,d,e,f,g,h,i,=j\r\n"
      "-5,=cmd|' /C calc'!A0,+49 170 12,-2.5,-2+3,@SUM(A1),\t=1,+,a=1,\xEF\xBC\x9D"
      "1,-\r\n";
  for (const CsvCells cells : {CsvCells::guarded, CsvCells::exact}) {
    const Folder folder;
    const auto sink = make_csv(folder.path(), false, cells);
    REQUIRE(sink->write("i", "c", batch({row.c_str()})));
    REQUIRE(sink->close());
    CHECK(read(folder / "i.c.csv") == (cells == CsvCells::exact ? exact : guarded));
  }
}

TEST_CASE("CSV: a row whose one cell is null is a line") {
  const Folder folder;
  const auto sink = make_csv(folder.path(), false);
  REQUIRE(sink->write("i", "c", batch({R"({"a":null})", R"({"a":1})"})));
  REQUIRE(sink->close());
  CHECK(read(folder / "i.c.csv") == "a\r\n\"\"\r\n1\r\n");
}

TEST_CASE("CSV with provenance says request and identity first") {
  const Folder folder;
  const auto sink = make_csv(folder.path(), true);
  value::RowBatch rows = batch({R"({"id":1})"}, "r3");
  rows.provenance.identity = "email";
  REQUIRE(sink->write("i", "c", rows));
  REQUIRE(sink->close());
  CHECK(read(folder / "i.c.csv") == "from.request,from.identity,id\r\nr3,email,1\r\n");
}

TEST_CASE("--ordered: whatever order batches come in, they leave in one") {
  const Folder folder;
  std::string first;
  for (const bool reversed : {false, true}) {
    auto output = Output::create(folder / "rows");
    REQUIRE(output);
    const auto inner = make_ndjson(**output, false);
    const auto sink = make_ordered(*inner);
    struct Piece {
      const char* collection;
      const char* row;
      std::uint64_t position;
    };
    std::vector<Piece> pieces{{"b", "1", 1}, {"a", "2", 2}, {"a", "3", 1}, {"b", "4", 10}};
    if (reversed) pieces = {pieces.rbegin(), pieces.rend()};
    for (const Piece& piece : pieces) {
      REQUIRE(sink->write("i", piece.collection, batch({piece.row}, "r", piece.position)));
    }
    REQUIRE(sink->close());
    const std::string text = read(folder / "rows");
    if (first.empty()) first = text;
    CHECK(text == first);
    CHECK(text.find("\"row\":3") < text.find("\"row\":2"));
    CHECK(text.find("\"row\":2") < text.find("\"row\":1"));
  }
}

TEST_CASE("a spool gives back what it got, in memory and on disk") {
  for (const std::size_t limit : {std::size_t{4}, std::size_t{16}, std::size_t{1000}}) {
    Spool spool(limit);
    std::string whole;
    for (int i = 0; i < 50; ++i) {
      const std::string piece = "piece " + std::to_string(i) + ";";
      whole += piece;
      REQUIRE(spool.append(piece));
    }
    REQUIRE(spool.size() == whole.size());
    for (std::size_t offset = 0; offset + 7 <= whole.size(); offset += 3) {
      auto read = spool.read(offset, 7);
      REQUIRE(read);
      CHECK(*read == whole.substr(offset, 7));
    }
  }
}

TEST_CASE("a reader that goes away is told from a disk that fails") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::signal(SIGPIPE, SIG_IGN);
  ::close(ends[0]);
  Output output(ends[1], "standard output");
  const auto sink = make_ndjson(output, false);
  const auto written = sink->write("i", "c", batch({"1"}));
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == value::FailureKind::output);
  CHECK(output.broken_pipe());
  ::close(ends[1]);

  const auto missing = Output::create("/nonexistent-folder/rows");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().text.find("/nonexistent-folder/rows") != std::string::npos);
}

}  // namespace
}  // namespace fconn::sink::test
