// Sending parameters, one statement at a time or many in a pipeline.
#include <libpq-fe.h>

#include "knowledge/databases/postgres_session.h"

namespace lakeshift::databases {
namespace {

// libpq wants text parameters to end with a zero byte; binary ones have a length.
struct Bound {
  explicit Bound(std::span<const PostgresParameter> parameters) {
    texts.reserve(parameters.size());
    for (const PostgresParameter& parameter : parameters) {
      types.push_back(parameter.type);
      formats.push_back(parameter.binary ? 1 : 0);
      bytes += parameter.bytes.value_or("").size();
      lengths.push_back(static_cast<int>(parameter.bytes.value_or("").size()));
      if (!parameter.bytes) {
        values.push_back(nullptr);
      } else if (parameter.binary) {
        values.push_back(parameter.bytes->data() != nullptr ? parameter.bytes->data() : "");
      } else {
        values.push_back(texts.emplace_back(*parameter.bytes).c_str());
      }
    }
  }
  int count() const { return static_cast<int>(values.size()); }
  std::vector<std::string> texts;
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths, formats;
  std::size_t bytes = 0;
};

}  // namespace

Status PostgresSession::send(const std::string& sql, std::span<const PostgresParameter> parameters,
                             bool binary) {
  const Bound bound(parameters);
  if (PQsendQueryParams(connection_, sql.c_str(), bound.count(), bound.types.data(),
                        bound.values.data(), bound.lengths.data(), bound.formats.data(),
                        binary ? 1 : 0) == 0)
    return broken();
  return flush_when_full(sql.size() + bound.bytes);
}

Status PostgresSession::send_prepare(const std::string& name, const std::string& sql,
                                     std::span<const unsigned> types) {
  if (PQsendPrepare(connection_, name.c_str(), sql.c_str(), static_cast<int>(types.size()),
                    types.data()) == 0)
    return broken();
  return flush_when_full(sql.size());
}

Status PostgresSession::send_prepared(const std::string& name,
                                      std::span<const PostgresParameter> parameters, bool binary) {
  const Bound bound(parameters);
  if (PQsendQueryPrepared(connection_, name.c_str(), bound.count(), bound.values.data(),
                          bound.lengths.data(), bound.formats.data(), binary ? 1 : 0) == 0)
    return broken();
  return flush_when_full(name.size() + bound.bytes);
}

Status PostgresSession::begin_pipeline() {
  LS_TRY(ready());
  if (PQenterPipelineMode(connection_) == 0) return broken();
  pipeline_answer_open_ = false;
  return {};
}

Status PostgresSession::send_sync() {
  if (PQpipelineSync(connection_) == 0) return broken();
  return flush();
}

Result<std::optional<PostgresRows>> PostgresSession::next_answer() {
  // Every statement's results end with an empty one, a sync point is one without an end.
  while (true) {
    LS_ASSIGN(auto result, next_result());
    if (!result) {
      if (!pipeline_answer_open_)
        return fail("no-answer", "nothing was sent that could be answered", about(),
                    "send statements and a sync point first");
      pipeline_answer_open_ = false;
      continue;
    }
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      pipeline_answer_open_ = false;
      return std::nullopt;
    }
    pipeline_answer_open_ = true;
    LS_TRY(check(result));
    return PostgresRows(std::move(result));
  }
}

Status PostgresSession::end_pipeline() {
  while (true) {
    if (PQexitPipelineMode(connection_) != 0) return {};
    if (!alive()) return broken();
    LS_ASSIGN(const auto result, next_result());
    if (!result && PQexitPipelineMode(connection_) == 0) return broken();
    if (!result) return {};
  }
}

}  // namespace lakeshift::databases
