// The body of a loop over rows, run once with names instead of values: what it assigns becomes
// expressions over the row's columns, and its one INSERT, UPDATE or DELETE a statement over all
// rows. Everything here is in the source's words; the translator takes it from there.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sql/translate/rewriter.h"

namespace lakeshift::sql {

class RowLoop {
 public:
  RowLoop(Rewriter& rewriter, const Catalog& tables, const Node* query, const Node* body)
      : rewriter_(rewriter), tables_(tables), query_(query), body_(body) {}

  struct Target {
    std::string name{};
    Type type{};
  };
  std::string record{};           // FOR record IN …
  std::vector<Target> targets{};  // or the variables that take the columns, in order

  // The type of a variable of the routine; null for records.
  std::function<const Type*(std::string_view)> variable_type{};

  // Reads the body; false with a reason when it is more than one change by the row's own values.
  bool read();
  // The statement, or null with a reason.
  const Node* one_statement();

  std::string reason{};
  std::set<std::string> assigned{};  // by the body
  std::string assumption{};
  std::string conditions() const;  // what was found to hold, in words

 private:
  using Environment = std::map<std::string, Node*>;

  bool name_columns();
  bool run(const Node* statements, Environment& values, std::vector<Node*>& guards);
  bool run_one(const Node* statement, Environment& values, std::vector<Node*>& guards);
  bool run_if(const Node* statement, Environment& values, std::vector<Node*>& guards);
  bool take_change(const Node* statement, const Environment& values,
                   const std::vector<Node*>& guards);
  bool expression(const Node* node, const Environment& values, Node*& out);
  bool fits(const Node* value, std::string_view variable);
  Node* insert();
  Node* update();
  Node* remove();
  bool split_where(std::vector<std::pair<Node*, Node*>>& keys, std::vector<Node*>& own);
  bool reads_target(const Node* node) const;
  Node* qualified(const Node* node);
  bool add_position(Node*& source, std::vector<Node*>& order);
  Node* rows(Node* source);
  Node* select(std::vector<Node*> items, Node* source, const std::vector<Node*>& where);
  Node* fail(std::string why) {
    reason = std::move(why);
    return nullptr;
  }

  Rewriter& rewriter_;
  const Catalog& tables_;
  const Node* query_;
  const Node* body_;
  std::string alias_{};
  std::vector<OutputColumn> columns_{};
  const Node* change_ = nullptr;
  Environment at_change_{};
  std::vector<Node*> guards_{};
  const Table* target_ = nullptr;
  std::string target_name_{};
  bool ordered_ = false;
};

}  // namespace lakeshift::sql
