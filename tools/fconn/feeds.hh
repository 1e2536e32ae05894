// External values that come from another instance: `{ from = "shop.order.id" }` of fconn.toml.
// Which instances run before which, what is taken from their rows, and what becomes of who needs it
// when they fail.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "interpreter/run/engine.hh"
#include "tools/fconn/values.hh"

namespace fconn::cli {

/// What `from` names.
struct FeedSource {
  std::string instance, collection;
  ir::KeyPath path;  // of the field; lists on the way give each element
};
/// Null with a sentence and a help when it isn't there. `connector` gives an instance's, null while
/// it can't be read: then only the instance is looked at, and a source without collection comes
/// back.
std::optional<FeedSource> find_feed_source(
    const std::string& from, const config::Project& project, const std::string& asking,
    const std::function<const ir::Connector*(const config::Instance&)>& connector,
    Problem& problem);

struct Feed {
  std::string instance, external;  // who gets the values
  ir::External declared;
  FeedSource source;
};
struct FeedPlan {
  std::vector<Feed> feeds;
  /// Instances that are no targets and are read for their values alone.
  std::vector<Loaded> feeders;
  Problems problems;
};
/// What the targets need, and what that needs. Externals that the command line gives aren't fed.
FeedPlan plan_feeds(const std::vector<Loaded>& targets, const ValueArgs& args,
                    const config::Project* project);

/// Instances in the order in which they run, those of one step together: none takes values from
/// another of its step or of a later one. The keys are those of `instances`.
std::vector<std::vector<std::string>> feed_order(const std::vector<std::string>& instances,
                                                 const std::vector<Feed>& feeds);

/// Collects the values on the way to a sink. Rows of instances that are no targets, and of
/// collections that nobody asked for, end here.
class FeedSink : public value::Sink {
 public:
  using Hidden = std::function<bool(std::string_view instance, std::string_view collection)>;
  /// `inner` gets what isn't hidden; it is closed by close_inner() alone, as there is a run for
  /// each step of the order.
  FeedSink(const std::vector<Feed>& feeds, value::Sink& inner, Hidden hidden);

  value::Result<void> write(std::string_view instance, std::string_view collection,
                            const value::RowBatch& batch) override;
  value::Result<void> finish(std::string_view instance, std::string_view collection,
                             const value::Outcome& outcome) override;
  value::Result<void> close() override { return {}; }
  value::Result<void> close_inner() { return inner_.close(); }

  /// Puts what came into the instance's externals. Where a source failed, none are put, and what
  /// depends on them fails by correct().
  void fill(run::Instance& instance);
  /// An outcome as it is said: collections that were skipped for want of values that failed to
  /// come.
  value::Outcome correct(std::string_view instance, std::string_view collection,
                         const value::Outcome& outcome) const;
  bool hidden(std::string_view instance, std::string_view collection) const {
    return hidden_(instance, collection);
  }
  /// Why values failed to come; none: they came. `own`: only what isn't said by a failure of the
  /// collection that they come from.
  std::vector<std::string> failures(bool own = false) const;

 private:
  struct Values {
    const Feed* feed = nullptr;
    std::set<std::string> seen;  // JSON texts
    std::vector<value::OwnedValue> values;
    std::string failure;
    bool unfit = false;  // the values came, and are no values for it
  };
  void take(Values& into, const value::Value& row, value::Arena& arena);
  void add(Values& into, const value::Value& value);

  std::vector<Values> values_;
  value::Sink& inner_;
  Hidden hidden_;
  std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> failed_;
};

/// One summary of the runs of all instances, as it is said: without what is hidden, unless it
/// failed.
class FeedSummary {
 public:
  /// Why a collection's rows aren't asked for; null where they are.
  using LeftOut =
      std::function<const std::string*(std::string_view instance, std::string_view collection)>;
  FeedSummary(const FeedSink& sink, LeftOut left_out)
      : sink_(sink), left_out_(std::move(left_out)) {}

  void add(run::RunSummary summary);
  /// An instance whose turn never came.
  void add_unread(const run::Instance& instance);
  void add_failure(value::Failure failure);
  bool interrupted() const { return summary_.interrupted; }
  run::RunSummary take();

 private:
  void lose_rows();

  const FeedSink& sink_;
  LeftOut left_out_;
  run::RunSummary summary_;
};

}  // namespace fconn::cli
