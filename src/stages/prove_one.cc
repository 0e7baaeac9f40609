#include "stages/prove_one.h"

#include <algorithm>

#include "stages/prove_data.h"
#include "stages/prove_mutate.h"
#include "stages/prove_shrink.h"

namespace lakeshift::stages {
namespace {

constexpr std::size_t kMutantsOfChanges = 3;  // each makes its table anew, which takes seconds
constexpr std::size_t kRounds = 10;           // data sets made for mutants that still live
constexpr std::size_t kRoundsOfSlow = 2;      // statements that change tables, or recurse
constexpr std::size_t kMostEndless = 3;       // recursion over rows that make a circle

// The statement itself cannot be run: its words, not its rows.
bool is_of_the_words(const engines::Answer& answer) {
  return answer.failed && (answer.state.starts_with("42") || answer.state.starts_with("0A"));
}

// What open-source Delta refuses and a SQL warehouse runs: Databricks' reference says of UPDATE and
// DELETE that their WHERE "supports subqueries, including IN, NOT IN, EXISTS, NOT EXISTS, and
// scalar subqueries".
bool is_of_the_stand_in(const engines::Answer& answer) {
  return answer.failed && answer.failure == "DELTA_UNSUPPORTED_SUBQUERY";
}

struct Trial {
  TableRows rows;
  Outcome source;
};

struct Living {
  Mutant mutant;
  bool ran = false;  // it could be run on one data set at least
};

class Prover {
 public:
  Prover(world::Run& run, Probe& probe, const SourceForm& form, Proof& proof)
      : run_(run), probe_(probe), form_(form), proof_(proof) {}

  Status prove(std::size_t mutants) {
    for (const ProveData& data : make_prove_data(form_, probe_.tables())) {
      if (form_.changes && (data.name == "plain" || data.name.starts_with("sorted"))) continue;
      LS_TRY(examine(data));
      if (decided_) return {};
    }
    if (trials_.empty()) {
      proof_.verdict = Verdict::rule;
      proof_.reason = endless_ > 0 ? "it comes to an end on none of the rows"
                                   : "SQL does not say which rows it answers";
      return {};
    }
    proof_.verdict = Verdict::proved;
    // A statement without tables has one answer, which was compared: no mutant that gives the same
    // one is wrong, and none is needed to say how much the rows tell.
    if (!probe_.tables().empty()) LS_TRY(measure(mutants));
    proof_.data_sets = trials_.size();
    return {};
  }

 private:
  // Compares on these rows; when the source fails, also on those of them with which it does not.
  Status examine(const ProveData& data) {
    if (run_.stop.stop_requested()) return fail("cancelled", "stopped", "prove");
    if (endless_ == kMostEndless) return {};
    LS_ASSIGN(const Outcome source, probe_.ask_source(data.rows));
    if (is_of_the_words(source[0])) {
      proof_.reason = "the stand-in for the source cannot run it: " + source[0].message;
      return decide(Verdict::rule);
    }
    LS_TRY(compare(data, source));
    if (decided_ || !source[0].failed || end_of(source) != End::whole) return {};
    LS_ASSIGN(TableRows tame, probe_.without_failures(data.rows));
    if (tame == data.rows) return {};
    LS_ASSIGN(const Outcome answer, probe_.ask_source(tame));
    if (answer[0].failed) return {};
    return compare({data.name + ", without what fails", std::move(tame)}, answer);
  }

  Status compare(const ProveData& data, const Outcome& source) {
    if (const End end = end_of(source); end != End::whole) return leave(data, "source", end);
    LS_ASSIGN(const Outcome target, probe_.ask_target(data.rows, proof_.target));
    if (is_of_the_stand_in(target[0])) {
      proof_.reason = "the stand-in for the target cannot run it: " + target[0].message;
      return decide(Verdict::rule);
    }
    if (const End end = end_of(target); end != End::whole) return leave(data, "target", end);
    if (!probe_.compare(source, target).empty()) {
      LS_ASSIGN(const bool free, probe_.depends_on_order(data.rows, source));
      if (free) {
        proof_.notes.push_back("data set '" + data.name +
                               "': what the source answers depends on the order of its rows");
        return {};
      }
      LS_ASSIGN(proof_.counterexample, shrink(probe_, data.rows, proof_.target));
      proof_.survivors.clear();
      proof_.mutants = proof_.killed = 0;
      return decide(Verdict::differs);
    }
    if (source[0].failed)
      proof_.notes.push_back("data set '" + data.name + "': both fail (" + source[0].message + ")");
    for (const auto& rows : data.rows) proof_.rows += rows.size();
    trials_.push_back({data.rows, source});
    return {};
  }

  // The rows tell nothing: that is said. Waiting for an end is tried a few times only.
  Status leave(const ProveData& data, const std::string& side, End end) {
    const std::string what = end == End::endless
                                 ? " does not come to an end"
                                 : " has more than " + std::to_string(engines::kMostRows) + " rows";
    const bool last = end == End::endless && ++endless_ == kMostEndless;
    proof_.notes.push_back("data set '" + data.name + "': the " + side + what +
                           (last ? "; no more are tried" : ""));
    return {};
  }

  Status decide(Verdict verdict) {
    proof_.verdict = verdict;
    decided_ = true;
    return {};
  }

  // How many mutants of the translation the rows tell from it: by the same comparison.
  Status measure(std::size_t limit) {
    const std::size_t most = form_.changes ? std::min(limit, kMutantsOfChanges) : limit;
    const bool ordered = !form_.order.empty() || proof_.target.find("LIMIT") != std::string::npos;
    for (Mutant& mutant : make_mutants(proof_.target, most, ordered, probe_.tables()))
      living_.push_back({std::move(mutant)});
    // Those that fail tell little: last.
    std::stable_sort(trials_.begin(), trials_.end(), [](const Trial& a, const Trial& b) {
      return a.source[0].failed < b.source[0].failed;
    });
    for (const Trial& trial : trials_) LS_TRY(try_to_kill(trial));
    const std::size_t rounds = form_.changes || form_.recurses ? kRoundsOfSlow : kRounds;
    for (std::size_t round = kFirstRounds; round < kFirstRounds + rounds; ++round) {
      if (std::none_of(living_.begin(), living_.end(), [](const Living& one) { return one.ran; }))
        break;
      const std::size_t before = trials_.size();
      LS_TRY(examine(make_more_data(form_, probe_.tables(), round)));
      if (decided_) return {};
      for (std::size_t i = before; i < trials_.size(); ++i) LS_TRY(try_to_kill(trials_[i]));
    }
    proof_.mutants = proof_.killed;
    for (const Living& one : living_)
      if (one.ran) {
        ++proof_.mutants;
        proof_.survivors.push_back(one.mutant.change);
      }
    return {};
  }

  Status try_to_kill(const Trial& trial) {
    if (living_.empty()) return {};
    std::vector<std::string> texts;
    for (const Living& one : living_) texts.push_back(one.mutant.text);
    LS_ASSIGN(const std::vector<Outcome> outcomes, probe_.ask_target_each(trial.rows, texts));
    std::vector<Living> left;
    for (std::size_t i = 0; i < living_.size(); ++i) {
      if (is_of_the_words(outcomes[i][0])) continue;  // stillborn
      living_[i].ran = true;
      if (probe_.compare(trial.source, outcomes[i]).empty())
        left.push_back(std::move(living_[i]));
      else
        ++proof_.killed;
    }
    living_ = std::move(left);
    return {};
  }

  world::Run& run_;
  Probe& probe_;
  const SourceForm& form_;
  Proof& proof_;
  std::vector<Trial> trials_;
  std::vector<Living> living_;
  std::size_t endless_ = 0;
  bool decided_ = false;
};

}  // namespace

Status prove_one(world::Run& run, engines::Session& source, engines::Session& target,
                 const SourceForm& form, std::vector<ProveTable> tables, std::size_t mutants,
                 Proof& proof) {
  Probe probe(source, target, form, std::move(tables));
  return Prover(run, probe, form, proof).prove(mutants);
}

}  // namespace lakeshift::stages
