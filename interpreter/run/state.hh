// The engine's state, shared by its parts: prepare.cc (instances before the run), tasks.cc (inputs
// to requests), answer.cc (what an answer means), commit.cc (rows onward), finish.cc (how
// collections end), loop.cc. Private to run/.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "interpreter/ir/ties.hh"
#include "interpreter/run/chain.hh"
#include "interpreter/run/draft.hh"
#include "interpreter/run/engine.hh"
#include "interpreter/run/erasure_run.hh"
#include "interpreter/run/exchange.hh"
#include "interpreter/run/inputs.hh"
#include "interpreter/run/loop_guard.hh"
#include "interpreter/run/retry.hh"
#include "interpreter/run/scheduler.hh"
#include "interpreter/run/tokens.hh"
#include "interpreter/run/trace_notes.hh"
#include "interpreter/run/writer.hh"

namespace fconn::run {

/// Which parts of a response a request's expressions look at.
struct Needs {
  bool headers = false, links = false, request = false, rows_all = false;
  bool auth_token = false;  // what is sent holds `auth.token`
};
Needs needs_of(const ir::Request& request);

struct InstanceRun;
struct CollectionRun;

/// One way to run a read: fixed identities for the request, alternatives for `keep`.
struct IdentityChoice {
  std::vector<value::Value> identities;                    // by IdentityId; null: not given
  std::vector<std::vector<value::Value>> keep_identities;  // empty: `identities` alone
  std::string names;                                       // "email", for provenance
};

/// One request of a chain, made ready to be sent and its answers to be read.
struct RequestRun {
  const ir::Request* request = nullptr;
  const ir::Step* step = nullptr;     // the `let` that it is; null: the last request of the chain
  std::optional<std::uint32_t> site;  // rate windows of its own
  Needs needs;
  bool shareable = false;     // an identical request of this run may serve it
  std::size_t rows_cell = 0;  // body cell that holds all rows, when needs.rows_all
  std::size_t body_cell = 0;  // body cell that holds the whole body, for a `let` without rows
  std::unique_ptr<rows::CompiledProjection> full, cells_only, elements;
  std::unique_ptr<RowPipeline> pipeline;  // whole bodies, one at a time

  bool unread = false;        // a `let` that nothing reads: its answer need not be JSON
  std::vector<ir::Tie> ties;  // ir::request_ties

  bool has_rows() const { return request->rows_path || request->rows; }
};

struct ReadRun {
  const ir::Read* read = nullptr;
  const ir::Chain* chain = nullptr;
  std::uint32_t index = 0;
  std::vector<std::uint32_t> carried;  // slots that inputs hold: Chain::uses, and those of erasures
  std::vector<IdentityChoice> choices;
  std::vector<RequestRun> requests;  // `let` requests in order, then the last one
};

/// The combinations of some of a collection's sources, and the reads that run for each.
struct InputRun {
  std::unique_ptr<InputJoin> join;
  std::vector<std::uint32_t> reads;  // indexes into CollectionRun::reads
};

struct CollectionRun {
  InstanceRun* instance = nullptr;
  const ir::Collection* collection = nullptr;
  std::uint32_t index = 0;
  std::uint32_t depth = 0;
  bool runs = false, output = true, feeds = false;
  std::string left_out;  // Options::left_out; then its outcome is said, its rows aren't
  bool finished = false, inputs_done = false;
  std::vector<ReadRun> reads;
  std::unique_ptr<ReadRun> update, removal;  // of an erasure's run
  std::vector<std::uint32_t> erasure_uses;   // slots that these two use
  std::vector<InputRun> inputs;
  rows::SeenSet inputs_seen;  // distinct inputs of all reads
  rows::SeenSet rows_seen;
  std::uint32_t waiting_parents = 0;
  std::uint64_t open_tasks = 0;
  std::uint64_t tasks_made = 0, tasks_failed = 0;
  std::uint64_t turns_done = 0;  // of chains, by their last request
  bool abandoned = false;        // a 401: what still waits would be refused too
  std::optional<value::FailureKind> failed_by;
  std::uint32_t kinds_said = 0;  // of failures with a message, a bit for each
  /// Children: collection index and source index within it.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> children;
  value::Outcome outcome;
  Page pending;  // committed rows that wait to be written together
  std::uint64_t position = 0;
};

struct InstanceRun {
  Instance instance;
  const ir::Connector* connector = nullptr;
  std::unique_ptr<eval::Evaluator> evaluator;
  http::HostsGuard guard;
  std::vector<value::Value> params, externals;
  value::Arena values{4096};
  std::vector<ClientBase> clients;
  std::vector<std::uint32_t> lanes;             // by ClientId
  std::vector<std::unique_ptr<AuthRun>> auths;  // by ClientId
  std::vector<std::unique_ptr<CollectionRun>> collections;
  std::unique_ptr<ir::Collection> check;                  // stands for the `check` request
  std::vector<std::unique_ptr<ir::Collection>> consents;  // each stands for a consent
  std::optional<value::Failure> broken;                   // it can't run at all
  std::string job_origin;               // what every job of it depends on; made when needed
  std::unique_ptr<PlanTime> plan_time;  // evaluates requests of erasures
};

/// One chain to be run: made when its inputs are known, filled in when it starts.
struct Task {
  TicketId id = 0;
  CollectionRun* collection = nullptr;
  std::uint32_t read = 0, choice = 0;
  std::string inputs;  // JSON array of the values of ReadRun::carried
  ErasureRun* erasure = nullptr;
  bool renewed = false;  // it was sent again after a 401
  bool anew = false;     // its job in the store was no good
  /// Of the request that is due; begun anew with each request of the chain.
  struct Current {
    Draft draft;
    bool stepped = false;   // the steps before it are done
    bool rendered = false;  // its first draft is there
    LoopGuard guard;
    std::uint64_t taken = 0;
    std::uint32_t page = 0;
    std::vector<std::uint32_t> attempts;    // by retry rule, then one for the network
    std::optional<http::Request> redirect;  // what a redirect asked for, to be sent next
    int redirects = 0;
    bool admitted = false;  // this page's request has passed the loop guard
    /// The tokens that it was sent with, and which serial they had.
    std::vector<std::pair<std::uint32_t, std::uint64_t>> tokens;
    std::optional<std::uint64_t> owns;  // the shared answer that others wait for
    std::uint32_t questions = 0;        // of `until`
    value::TimePoint first_question{};
    std::string rows;       // of a `let`: the rows so far, a JSON list without its end
    bool doubtful = false;  // the last answer leaves open whether it was carried out
    bool at_home = true;    // goes to the client's own origin, with its credentials
  };
  struct Live {
    explicit Live(const ir::Chain& chain) : walk(chain) {}
    value::Arena arena{1024};
    std::vector<value::Value> bound, locals;
    ChainWalk walk;
    Current now;
    std::size_t counted = 0;           // of walk.bytes(), in State::bound_bytes
    std::string request_name;          // of the last request that was sent
    std::optional<store::JobKey> job;  // it is in the store
    bool resumed = false;              // and came from there; until an answer shows that it lives
    std::vector<std::string> earlier;  // of those whose answers were bound
  };
  std::unique_ptr<Live> live;
};

/// An answer that may serve several tasks.
struct SharedAnswer {
  bool done = false;
  std::optional<value::Failure> failure;
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string request_name;
  std::string url;       // where a redirect led, if one did
  bool retried = false;  // the one who asked has retried it as often as it may
  std::vector<TicketId> waiting;
  bool transient = false;  // beyond the bound on kept answers: goes once it has been served
};

struct Answer;

/// What goes on the wire for whom, besides the request itself.
struct Wire {
  TicketId task = 0;
  const ir::Request* declared = nullptr;
  const ir::Client* client = nullptr;
  int redirects = 0;
  Exchange::StreamFactory stream;             // none: the body is wanted whole
  const CollectionRun* collection = nullptr;  // for the trace
  const ir::Connector* connector = nullptr;   // for the trace
  const ir::Step* step = nullptr;
};

struct Engine::State {
  State(Options engine_options, Ports engine_ports);

  // prepare.cc
  void add(Instance instance);
  void prepare();
  void prepare_instance(InstanceRun& run);
  void prepare_collections(InstanceRun& run);
  void prepare_read(CollectionRun& collection, const ir::Chain& chain, const ir::Read* declared,
                    std::uint32_t index);
  void prepare_erasures(CollectionRun& collection);
  void prepare_seeded(InstanceRun& run);
  void begin_seeded(CollectionRun& collection);
  ReadRun prepare_chain(const CollectionRun& collection, const ir::Chain& chain,
                        const ir::Read* declared, std::uint32_t index);
  RequestRun prepare_request(const InstanceRun& run, const ir::Request& request,
                             const ir::Step* step);
  void make_pipelines(CollectionRun& collection);
  void prepare_check(InstanceRun& run);

  // consents.cc
  void prepare_consents(InstanceRun& run);
  void name_consents(InstanceRun& run);
  void stand_in(InstanceRun& run, const ir::Collection& collection);
  bool only_once(Task& task);
  void say_doubt(Task& task, value::Failure& failure);
  void count_actions(RunSummary& summary) const;
  eval::Environment base_environment(const InstanceRun& run) const;

  // tasks.cc
  void begin_sources();
  void make_inputs(CollectionRun& collection);
  value::Result<void> emit_inputs(CollectionRun& collection, std::span<const std::uint32_t> reads,
                                  std::span<const value::Value> slots);
  value::Result<void> emit_row(CollectionRun& collection, std::span<const value::Value> slots);
  void add_task(CollectionRun& collection, std::uint32_t read, std::uint32_t choice,
                std::string inputs);
  void submit(Task& task, value::TimePoint not_before);
  void start_task(const Ticket& ticket);
  void open_task(Task& task);
  value::Result<void> still_tied(Task& task);
  value::Result<void> render_request(Task& task);
  value::Result<bool> send(Task& task);  // false: another task's answer will serve
  value::Result<void> transmit(Task& task, http::Request request, int redirects);
  eval::Environment environment(Task& task);
  std::unique_ptr<Exchange::Stream> make_stream(Exchange& exchange);

  value::Value main_token_value(Task& task);
  value::Result<http::Request> sign(AuthRun& auth, Task::Current& now, bool renders_token);
  std::string put_on_wire(Wire wire, http::Request request);  // gives its name, "r17"
  void trace_request(const std::string& name, const http::Request& sent, const Wire& wire);

  // tokens.cc
  value::Result<void> prepare_auth(InstanceRun& run, const ir::Client& client);
  AuthRun& auth_of(Task& task) {
    return *task.collection->instance->auths[request_of(task).request->client.value];
  }
  bool usable(const TokenState& token) const;
  bool signable(const AuthRun& auth) const;
  value::Result<bool> holds_token(Task& task);
  void wait_for_tokens(Task& task);
  value::Result<void> fill_frame(AuthRun& auth, const AuthReads& reads, AuthFrame& frame,
                                 std::uint32_t locals);
  value::Result<bool> refreshable(AuthRun& auth, std::uint32_t index);
  value::Result<std::optional<Fetch>> needed(AuthRun& auth, std::uint32_t index);
  value::Result<void> look_up(AuthRun& auth);
  value::Result<void> start_from_given(AuthRun& auth);
  value::Result<bool> adopt_stored(TokenState& state);
  void hold(TokenState& state, const value::Value& value, const store::StoredToken& kept);
  void hide(const value::Value& value);
  void fetch_next(AuthRun& auth);
  void submit_fetch(TicketId id, const AuthRun& auth, value::TimePoint not_before);
  void end_fetching(AuthRun& auth, const value::Failure* failure);
  value::Result<bool> renew_credentials(Task& task, const Answer& answer, eval::Environment& env);

  // token_fetch.cc
  enum class Progressed : std::uint8_t { goes_on, on_the_wire, waits };
  bool start_fetch(TicketId id);
  value::Result<Progressed> claim(TicketId id, AuthRun& auth);
  value::Result<Progressed> send_fetch(TicketId id, AuthRun& auth);
  value::Result<Progressed> ask_in_browser(TicketId id, AuthRun& auth);
  void end_fetch(TicketId id, AuthRun& auth);
  void fail_fetch(TicketId id, AuthRun& auth, value::Failure failure);
  void fetch_answered(Exchange& exchange);
  bool retry_fetch(TicketId id, AuthRun& auth, std::size_t rule_index, const ir::RetryRule& rule,
                   std::optional<value::Milliseconds> retry_after);
  value::Result<void> judge_fetch(TicketId id, AuthRun& auth, Answer& answer);
  value::Result<void> fetch_refused(TicketId id, AuthRun& auth, const Answer& answer);
  value::Result<void> take_token(TicketId id, AuthRun& auth, AuthFrame& frame);

  // chains.cc
  bool advance(Task& task);  // to the request that is due; false: not now, or the task has ended
  void bind_answer(Task& task, std::string_view json);
  void end_turn(Task& task);
  value::Result<void> ask_again(Task& task, const Answer& answer);
  value::Result<void> gather_rows(Task& task, const Page& got);
  void count_bound(Task& task);

  // jobs.cc
  bool waits_for_job(const ReadRun& read) const;
  store::JobKey job_key(Task& task);
  value::Result<void> resume_job(Task& task);
  value::Result<void> keep_job(Task& task);
  void leave_job(Task& task, bool keep);
  bool begin_anew(Task& task, const value::Failure& failure);

  // answer.cc
  void answered(Exchange& exchange);
  void serve(Task& task, SharedAnswer& answer);
  void serve_all();
  bool redirected(Task& task, Exchange& exchange);
  bool retry(Task& task, std::size_t rule_index, const ir::RetryRule& rule,
             std::optional<value::Milliseconds> retry_after, const std::string& why);
  void publish(Task& task, const Exchange* exchange, const value::Failure* failure);
  void judge(Task& task, Answer& answer);
  void take_rows(Task& task, Answer& answer, eval::Environment& env);
  void accept(Task& task, Answer& answer, eval::Environment& env);
  value::Result<void> commit_answer(Task& task, Answer& answer);

  // commit.cc
  value::Result<void> commit(CollectionRun& collection, Page& full, Task* task);
  value::Result<void> deliver(CollectionRun& collection, const Page& full, std::size_t row);
  void write_pending(CollectionRun& collection);
  void write_all_pending();

  // observe.cc: nothing where nobody observes
  Seen seen(Task& task);
  static Seen seen(const AuthRun& auth, std::string_view request);
  bool see_sending(const Wire& wire, const std::string& name, http::Request& request);
  void see_answer(Task& task, const Answer& answer, const Exchange* exchange, bool redirects);
  void see(Task& task, const Clause& clause, const eval::Environment& env);
  void see(Task& task, Clause::Kind kind, const ir::Condition& condition, grammar::Span where,
           bool holds, std::string_view said, const eval::Environment& env);
  void see(Task& task, Event event, std::string_view text);
  void see_steps(Task& task, const ir::Step* from, bool skipped);
  RowPipeline::Watch row_watch(Task& task);
  StepSeen step_watch(Task& task, const eval::Environment& env);

  // erasures.cc
  void find(const CollectionRun& collection, std::string_view row,
            std::span<const value::Value> bound, std::string used,
            const std::vector<value::Value>& identities);
  value::Result<void> find_row(CollectionRun& collection, const Page& full, std::size_t row,
                               const Task* task);
  value::Result<void> find_binding(CollectionRun& collection, std::span<const value::Value> slots);
  void begin_erasure(const ErasureTask& wanted, std::uint32_t number);
  void release_groups();
  void postpone();
  value::Result<void> open_erasure(Task& task);
  void see_erasure(const Task& task, eval::Environment& env) const;
  eval::Evaluator& evaluator_of(Task& task);
  bool acts(Task& task);
  bool repeatable(Task& task);
  value::Result<Draft> render_as(Task& task, ErasureView view);
  void draft_request(Task& task);
  void draft_unknown(Task& task);
  value::Result<void> announce(Task& task);
  void told(Task& task, erase::Sent sent, int status, const std::string& reason, bool again = false,
            bool with_state = false);
  void end_erasure(Task& task, ErasureEnd end);
  bool gone_already(Task& task, int status);
  std::string planned_words(Task& task, const ir::Judgement& judgement, std::string said);
  void fail_erasure(Task& task, value::Failure failure);
  void left_pending(Task& task);

  // finish.cc
  void end_task(Task& task);
  void fail_task(Task& task, value::Failure failure, const std::string& request);
  void fail_collection(CollectionRun& collection, value::Failure failure,
                       const std::string& request, bool quiet = false);
  void skip_collection(CollectionRun& collection, std::string reason);
  void cap_collection(CollectionRun& collection, const std::string& reason);
  void lose_rows(const value::Failure& unwritten);
  void settle();  // finishes every collection that can end
  void finish_collection(CollectionRun& collection);
  RunSummary summarize();

  // loop.cc
  RunSummary run();
  void loop();
  void stop();
  void report_progress(bool force);
  void trace(std::string_view event, const CollectionRun* collection, std::string_view members);

  // trace.cc
  void trace_start();

  /// Who is told of clauses and rows: a debugger, and the trace.
  bool observed() const { return ports.observer != nullptr || notes != nullptr; }
  template <class Tell>
  void tell(Tell tell) {
    if (ports.observer != nullptr) tell(*ports.observer);
    if (notes != nullptr) tell(*notes);
  }

  ReadRun& read_of(Task& task) {
    if (task.erasure != nullptr) {
      return task.erasure->wanted->removal ? *task.collection->removal : *task.collection->update;
    }
    return task.collection->reads[task.read];
  }
  /// The request of the chain that is due.
  RequestRun& request_of(Task& task) {
    return read_of(task).requests[task.live ? task.live->walk.request() : 0];
  }
  std::uint32_t lane_of(Task& task) {
    return task.collection->instance->lanes[request_of(task).request->client.value];
  }

  Options options;
  Ports ports;
  std::unique_ptr<TraceNotes> notes;              // null: there is no trace
  std::unique_ptr<store::TokenStore> own_tokens;  // where the caller brought no store
  store::TokenStore* tokens;
  Pace own_pace;
  Pace* pace;
  std::unordered_map<TicketId, AuthRun*> fetches;  // tickets that stand for a token's request
  std::vector<std::unique_ptr<InstanceRun>> instances;
  Scheduler scheduler;
  std::unique_ptr<Writer> writer;
  rows::JsonReader reader;
  std::uint64_t seed;
  std::unordered_map<TicketId, std::unique_ptr<Task>> tasks;
  std::unordered_map<std::uint64_t, std::unique_ptr<SharedAnswer>> shared;
  std::size_t shared_bytes = 0;
  std::size_t bound_bytes = 0;  // kept by chains between their requests
  std::vector<std::unique_ptr<Exchange>> exchanges, idle;
  std::vector<Exchange*> completed;
  std::unordered_map<TicketId, Exchange*> in_flight;
  std::vector<std::pair<TicketId, std::uint64_t>> served;  // tasks whose shared answer is there
  std::vector<std::uint64_t> spent;                        // shared answers beyond the bound
  TicketId next_ticket = 1;
  http::RequestId next_request = 1;
  std::atomic<bool> interrupted{false};
  bool stopping = false;
  std::optional<value::TimePoint> flush_at;
  value::Arena page_arena{std::size_t{64} * 1024};
  std::string body_storage;
  Page page;
  std::vector<Message> messages;
  std::uint64_t rows = 0, requests = 0, bytes = 0;
  std::vector<FoundRow> found_rows;
  std::size_t found_bytes = 0;
  std::span<const value::Value> emitting;  // the slots of the row that `emit` makes
  std::unique_ptr<Erasing> erasing;        // while drafts are made or erasures are sent
  std::optional<value::Failure> halted;    // the journal can't be written
  value::TimePoint started{};
  value::TimePoint next_progress{};
};

}  // namespace fconn::run
