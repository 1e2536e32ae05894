// libFuzzer target: the first line is read as a mask and as a hold; the rest, where it is a JSON
// object, is a row. Whatever the row is, masking and narrowing give JSON, and what isn't targeted
// is untouched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "interpreter/privacy/mask_row.hh"
#include "interpreter/privacy/narrow_row.hh"

namespace {

using namespace fconn;

class Clock : public value::Clock {
 public:
  value::TimePoint now() override { return {}; }
  value::WallTime wall() override { return {}; }
};
class Random : public value::Random {
 public:
  std::uint64_t next() override { return state_ = state_ * 6364136223846793005U + 1; }

 private:
  std::uint64_t state_ = 1;
};

ir::Field field(std::string name, std::string category, std::vector<ir::Field> below = {}) {
  ir::Field out;
  out.name = std::move(name);
  out.type = below.empty() ? ir::ScalarType::string : ir::ScalarType::object;
  if (!category.empty()) out.categories = {std::move(category)};
  out.fields = std::move(below);
  return out;
}

ir::Collection people() {
  ir::Collection out;
  out.name = "c";
  out.fields = {field("a", "user.name"), field("b", "", {field("a", "user.name"), field("c", "x")}),
                field("d", "user", {field("a", "x")}), field("e", "x")};
  out.fields[0].length = 3;
  out.fields[3].readonly = true;
  return out;
}

void use(std::string_view row, const privacy::Mask& mask) {
  const ir::Connector connector;
  const ir::Collection collection = people();
  Clock clock;
  Random random;
  eval::Evaluator evaluator(connector, clock, random);
  const privacy::MaskingSecrets secrets = privacy::make_masking_secrets(random);
  privacy::Policy policy;
  policy.targets = {"user"};
  policy.mask = mask;
  privacy::RowMasker masker(collection, "i", policy, secrets, random, evaluator);
  const auto masked = masker.mask(row, {});
  if (!masked) std::abort();  // none of these fields can fail
  std::string narrowed;
  privacy::Narrower(collection, policy).narrow(row, narrowed);
  value::Arena arena;
  for (const std::string& json : {masked->row, masked->masked, narrowed}) {
    if (!value::parse_json(json, arena)) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const std::string_view first = text.substr(0, line);
  if (const auto hold = privacy::parse_hold(first); !hold && hold.error().text.empty())
    std::abort();
  const auto mask = privacy::parse_mask(first);
  if (!mask && mask.error().text.empty()) std::abort();
  if (line == std::string_view::npos) return 0;
  const std::string_view row = text.substr(line + 1);
  value::Arena arena;
  const auto parsed = value::parse_json(row, arena);
  if (!parsed || value::decoded(*parsed, arena).kind != value::Kind::object) return 0;
  use(row, mask ? *mask : privacy::Mask{});
  return 0;
}
