#include "core/engine/walk.h"

#include "core/engine/bindings.h"
#include "core/engine/carrier.h"
#include "core/engine/graph.h"
#include "core/engine/ledger.h"

namespace lakeshift::engine {
namespace {

using model::Verb;

class Walk {
 public:
  Walk(const model::Plan& plan, KindSet kinds, Platform& target, state::Journal& journal,
       const std::string& run_name, const Supplies& supplies, world::Run& run,
       const WalkOptions& options)
      : plan_(plan),
        kinds_(kinds),
        journal_(journal),
        run_name_(run_name),
        run_(run),
        options_(options),
        bindings_(plan, kinds, target, run.stop),
        carrier_(bindings_, kinds, target, journal, run_name, supplies, run) {}

  Result<WalkResult> execute() {
    LS_ASSIGN(graph_, build_graph(plan_));
    LS_TRY(carrier_.load_former());
    states_.resize(plan_.changes.size());
    closed_.assign(graph_.nodes.size(), false);
    std::vector<std::size_t> first, without_actions;
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      ++states_[graph_.nodes[n].change].open;
      ++progress_[change_of(n).source.kind].total;
      if (graph_.nodes[n].waits_for == 0) first.push_back(n);
    }
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (states_[i].open == 0) without_actions.push_back(i);
    {
      world::Executor executor(static_cast<std::size_t>(std::max(1, run_.parallel)));
      world::TaskGroup tasks(executor);
      tasks_ = &tasks;
      for (const std::size_t i : without_actions) tasks.add([this, i] { finish(i); });
      for (const std::size_t n : first) start(n);
      tasks.wait();
    }
    if (journal_error_) return fail(*journal_error_);
    close_unfinished();
    if (journal_error_) return fail(*journal_error_);
    result_.calls = carrier_.calls();
    return std::move(result_);
  }

 private:
  struct State {
    std::size_t open = 0;  // actions that are neither done nor given up
    std::optional<Error> error;
    bool blocked = false;  // the error is another change's
  };
  struct Progress {
    long long done = 0, total = 0;
  };

  const model::Change& change_of(std::size_t node) const {
    return plan_.changes[graph_.nodes[node].change];
  }

  void start(std::size_t node) {
    tasks_->add([this, node] { carry(node); });
  }

  void carry(std::size_t node) {
    {
      const std::scoped_lock lock(mutex_);
      if (journal_error_ || result_.shut_out) return;
    }
    const Carried carried = carrier_.carry(change_of(node), graph_.nodes[node].action);
    switch (carried.end) {
      case Carried::End::done:
        return succeed(node, false);
      case Carried::End::resumed:
        return succeed(node, true);
      case Carried::End::failed:
        if (carried.error.retry == Retry::after_login) return lose_login(carried.error);
        return give_up(node, carried.error);
      case Carried::End::stopped:
        return;
      case Carried::End::journal_failed:
        return lose_journal(carried.error);
    }
  }

  void succeed(std::size_t node, bool resumed) {
    std::vector<std::size_t> ready;
    bool finished = false;
    {
      const std::scoped_lock lock(mutex_);
      if (resumed) ++result_.resumed;
      finished = close(node);
      for (const std::size_t next : graph_.nodes[node].next)
        if (--graph_.nodes[next].waits_for == 0) ready.push_back(next);
    }
    report_progress(node);
    if (finished) finish(graph_.nodes[node].change);
    for (const std::size_t next : ready) start(next);
  }

  // The change has failed; whatever waits for this action, directly or not, is blocked.
  void give_up(std::size_t node, const Error& error) {
    const model::Change& culprit = change_of(node);
    std::vector<std::size_t> finished;
    {
      const std::scoped_lock lock(mutex_);
      fail_change(graph_.nodes[node].change, error, error.code == "dependency-failed");
      if (close(node)) finished.push_back(graph_.nodes[node].change);
      std::vector<std::size_t> reached = graph_.nodes[node].next;
      while (!reached.empty()) {
        const std::size_t next = reached.back();
        reached.pop_back();
        if (closed_[next]) continue;
        if (change_of(next).id != culprit.id)
          fail_change(graph_.nodes[next].change, blocked_by(culprit, error), true);
        if (close(next)) finished.push_back(graph_.nodes[next].change);
        reached.insert(reached.end(), graph_.nodes[next].next.begin(),
                       graph_.nodes[next].next.end());
      }
    }
    report_progress(node);
    for (const std::size_t change : finished) finish(change);
  }

  static Error blocked_by(const model::Change& culprit, const Error& error) {
    return {"dependency-failed",
            "it needs " + culprit.source.kind + " '" + culprit.key +
                "', which failed: " + error.message + " (" + error.code + ")",
            "", error.remedy.empty() ? "repair the cause, then run apply again" : error.remedy};
  }

  void fail_change(std::size_t change, const Error& error, bool blocked) {
    State& state = states_[change];
    if (state.error && (!state.blocked || blocked))
      return;  // its own failure explains more than another's
    state.error = error;
    state.blocked = blocked;
    if (state.error->about.empty())
      state.error->about =
          plan_.changes[change].source.kind + " '" + plan_.changes[change].key + "'";
  }

  // True when it was the change's last open action. Needs the lock.
  bool close(std::size_t node) {
    closed_[node] = true;
    ++progress_[change_of(node).source.kind].done;
    return --states_[graph_.nodes[node].change].open == 0;
  }

  // No other call would be taken either: what is not finished is left for the next run.
  void lose_login(const Error& error) {
    const std::scoped_lock lock(mutex_);
    if (!result_.shut_out) result_.shut_out = error;
  }

  void lose_journal(const Error& error) {
    const std::scoped_lock lock(mutex_);
    if (!journal_error_) journal_error_ = error;
  }

  void report_progress(std::size_t node) {
    Progress progress;
    {
      const std::scoped_lock lock(mutex_);
      progress = progress_[change_of(node).source.kind];
    }
    world::Event event;
    event.type = world::Event::Type::progress;
    event.stage = run_name_;
    event.subject = change_of(node).source.kind;
    event.name = change_of(node).key;
    event.done = progress.done;
    event.total = progress.total;
    run_.events.emit(event);
  }

  // The change has ended: result, ledger, event.
  void finish(std::size_t index) {
    const model::Change& change = plan_.changes[index];
    Verb outcome = change.verb;
    std::optional<Error> error;
    {
      const std::scoped_lock lock(mutex_);
      const State& state = states_[index];
      if (state.error) outcome = state.blocked ? Verb::blocked : Verb::failed;
      error = state.error;
      result_.outcomes[change.id] = outcome;
      if (error) result_.errors[change.id] = *error;
    }
    if (options_.ledger) {
      const Kind* kind = find_kind(kinds_, change.source.kind);
      const Status written =
          record_in_ledger(journal_, plan_, change, kind, bindings_.id_of(change), outcome, error,
                           carrier_.attempts_of(change));
      if (!written) lose_journal(written.error());
    }
    world::Event event;
    event.type = world::Event::Type::object;
    event.stage = run_name_;
    event.subject = change.source.kind;
    event.name = change.key;
    event.outcome = std::string(to_text(outcome));
    if (error) event.text = error->to_text();
    run_.events.emit(event);
  }

  void close_unfinished() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      if (states_[i].open == 0) continue;
      result_.stopped = true;
      fail_change(i,
                  {"interrupted", "the run was stopped before this was done", "",
                   "run the same command again"},
                  false);
      finish(i);
    }
  }

  const model::Plan& plan_;
  KindSet kinds_;
  state::Journal& journal_;
  const std::string& run_name_;
  world::Run& run_;
  const WalkOptions options_;
  Bindings bindings_;
  Carrier carrier_;
  Graph graph_;
  world::TaskGroup* tasks_ = nullptr;

  std::mutex mutex_;
  std::vector<State> states_;
  std::vector<bool> closed_;
  std::map<std::string, Progress> progress_;  // actions per kind
  std::optional<Error> journal_error_;
  WalkResult result_;
};

}  // namespace

Result<WalkResult> carry_out(const model::Plan& plan, KindSet kinds, Platform& target,
                             state::Journal& journal, const std::string& run_name,
                             const Supplies& supplies, world::Run& run,
                             const WalkOptions& options) {
  return Walk(plan, kinds, target, journal, run_name, supplies, run, options).execute();
}

}  // namespace lakeshift::engine
