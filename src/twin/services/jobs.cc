// Jobs: settings, ownership, paging of their parts.
#include <algorithm>

#include "core/base/strings.h"
#include "twin/access.h"
#include "twin/job_rules.h"
#include "twin/principals.h"
#include "twin/service.h"

namespace lakeshift::twin::services::jobs {
namespace {

constexpr std::string_view kKind = "job";
constexpr std::size_t kPartSize = 100;  // SDK: arrays of jobs/get are paged at 100 elements
constexpr std::size_t kMostJobs = 10'000;
constexpr const char* kParts[] = {"tasks", "job_clusters", "parameters", "environments"};

Result<Row> find(const Context& context, const std::string& id) {
  const Row* row = context.store.get(kKind, id);
  if (row == nullptr) return invalid("Job " + id + " does not exist.");
  return *row;
}

void keep(Context& context, const std::string& id, Json job) {
  const std::string name = text_at(member(job, "settings"), "name");
  context.store.put(std::string(kKind), id, name, std::move(job));
}

Status set_access(Context& context, const std::string& id, const Json& list) {
  if (!list.is_array()) return {};
  Json wanted = list;
  const bool has_owner = std::any_of(list.begin(), list.end(), [](const Json& entry) {
    return text_at(entry, "permission_level") == "IS_OWNER";
  });
  if (!has_owner)
    wanted.push_back({{std::string(member_name_of(context.caller)), context.caller.name},
                      {"permission_level", "IS_OWNER"}});
  return change_grants(context, *find_object_type("jobs"), id, wanted, true);
}

Result<Answer> create(Context& context, const Call& call) {
  if (context.store.count(kKind) >= kMostJobs)
    return refuse("QUOTA_EXCEEDED",
                  "The quota for the number of jobs has been reached. The current quota is 10000.");
  Json settings = call.body;
  const Json access = member(settings, "access_control_list");
  settings.erase("access_control_list");
  LS_TRY(check_job(context, settings));
  complete_job(settings);
  const std::string id = numeric_id(context, kKind);
  Json job = {{"job_id", as_number(id)},
              {"creator_user_name", context.caller.name},
              {"created_time", context.now},
              {"settings", std::move(settings)},
              {"$fired_until", context.now}};
  keep(context, id, std::move(job));
  grant_to_creator(context, "jobs", id, context.caller);
  if (Status done = set_access(context, id, access); !done) {
    context.store.erase(std::string(kKind), id);
    forget_grants(context.store, id);
    return fail(done.error());
  }
  return Answer(Json{{"job_id", as_number(id)}});
}

std::string run_as_of(const Context& context, const Row& row) {
  const Json& run_as = member(member(row.document, "settings"), "run_as");
  for (const char* name : {"user_name", "service_principal_name"}) {
    if (const std::string who = text_at(run_as, name); !who.empty()) return who;
  }
  const Principal owner = owner_of(context.store, "jobs", row.id);
  return owner.name.empty() ? text_at(row.document, "creator_user_name") : owner.name;
}

// The part of the arrays on page `page`; true when there is more.
bool cut_parts(Json& settings, std::size_t page) {
  bool more = false;
  for (const char* part : kParts) {
    if (!member(settings, part).is_array()) continue;
    const Json whole = settings[part];
    Json slice = Json::array();
    for (std::size_t i = page * kPartSize; i < whole.size() && i < (page + 1) * kPartSize; ++i)
      slice.push_back(whole[i]);
    more = more || whole.size() > (page + 1) * kPartSize;
    settings[part] = std::move(slice);
    if (settings[part].empty()) settings.erase(part);
  }
  return more;
}

Json shown(const Context& context, const Row& row) {
  Json job = without_private(row.document);
  job["run_as_user_name"] = run_as_of(context, row);
  return job;
}

Result<Answer> get(Context& context, const Call& call) {
  LS_ASSIGN(const Row row, find(context, call.query_text("job_id")));
  Json job = shown(context, row);
  if (!call.sent_path.starts_with("/api/2.2/")) return Answer(std::move(job));
  std::size_t page = 0;
  if (const std::string token = call.query_text("page_token"); !token.empty()) {
    const auto text = base64_decode(token);
    if (!text || !text->starts_with("parts")) return invalid("invalid page token '" + token + "'");
    page = static_cast<std::size_t>(as_number(text->substr(5)));
  }
  if (cut_parts(job["settings"], page)) {
    job["has_more"] = true;
    job["next_page_token"] = base64_encode("parts" + std::to_string(page + 1));
  }
  return Answer(std::move(job));
}

Json listed(const Context& context, const Row& row, bool with_tasks) {
  Json job = shown(context, row);
  job.erase("run_as_user_name");
  if (with_tasks) {
    if (cut_parts(job["settings"], 0)) job["has_more"] = true;
  } else {
    for (const char* part : kParts) job["settings"].erase(part);
  }
  return job;
}

Result<Answer> list(Context& context, const Call& call) {
  std::vector<const Row*> rows = visible_rows(context, kKind);
  std::sort(rows.begin(), rows.end(),
            [](const Row* a, const Row* b) { return a->order < b->order; });
  if (const std::string name = call.query_text("name"); !name.empty())
    std::erase_if(rows, [&](const Row* row) { return !equals_ignoring_case(row->key, name); });
  const bool with_tasks = call.query_bool("expand_tasks");
  Json jobs = Json::array();
  if (call.sent_path.starts_with("/api/2.0/")) {
    for (const Row* row : rows) jobs.push_back(listed(context, *row, true));
    return Answer(page_body("jobs", std::move(jobs), ""));
  }
  const long long limit = call.query_int("limit", 20);
  if (limit < 1 || limit > 100)
    return invalid("limit must be between 1 and 100, not " + std::to_string(limit));
  if (call.has_query("offset")) {
    const auto offset =
        static_cast<std::size_t>(std::max<long long>(0, call.query_int("offset", 0)));
    rows.erase(rows.begin(),
               rows.begin() + static_cast<std::ptrdiff_t>(std::min(offset, rows.size())));
  }
  LS_ASSIGN(const Page page,
            page_of(context, rows, call.query_text("page_token"), limit, {20, 100}));
  for (const Row* row : page.rows) jobs.push_back(listed(context, *row, with_tasks));
  Json body = page_body("jobs", std::move(jobs), page.next_token);
  body["has_more"] = !page.next_token.empty();
  return Answer(std::move(body));
}

Result<Answer> save(Context& context, const Row& row, Json settings) {
  LS_TRY(check_job(context, settings));
  complete_job(settings);
  Json job = row.document;
  // A schedule that is switched on fires from now, not for the time it slept.
  job["$fired_until"] = context.now;
  job.erase("$continuous_started");
  job["settings"] = std::move(settings);
  keep(context, row.id, std::move(job));
  return Answer(Json::object());
}

Result<Answer> reset(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "job_id"));
  LS_ASSIGN(const Row row, find(context, id));
  if (!member(call.body, "new_settings").is_object())
    return invalid("missing required field 'new_settings'");
  return save(context, row, call.body["new_settings"]);
}

// Elements with the same key replace, others are added.
void merge_array(Json& have, const Json& wanted, const char* key) {
  for (const Json& item : wanted) {
    const auto same = std::find_if(have.begin(), have.end(), [&](const Json& old) {
      return text_at(old, key) == text_at(item, key);
    });
    if (same == have.end()) {
      have.push_back(item);
    } else {
      *same = item;
    }
  }
}

void remove_field(Json& settings, const std::string& path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string::npos) {
    settings.erase(path);
    return;
  }
  const std::string array = path.substr(0, slash);
  if (!member(settings, array).is_array()) return;
  const char* key = array == "job_clusters" ? "job_cluster_key" : "task_key";
  Json kept = Json::array();
  for (Json& item : settings[array]) {
    if (text_at(item, key) != path.substr(slash + 1)) kept.push_back(std::move(item));
  }
  settings[array] = std::move(kept);
}

Result<Answer> update(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "job_id"));
  LS_ASSIGN(const Row row, find(context, id));
  Json settings = member(row.document, "settings");
  const Json& removed = member(call.body, "fields_to_remove");
  for (const Json& path : removed.is_array() ? removed : Json::array())
    remove_field(settings, scalar_text(path));
  const Json changes = member(call.body, "new_settings").is_object()
                           ? member(call.body, "new_settings")
                           : Json::object();
  for (const auto& [name, value] : changes.items()) {
    const char* key = name == "tasks"          ? "task_key"
                      : name == "job_clusters" ? "job_cluster_key"
                                               : nullptr;
    if (key != nullptr && value.is_array() && member(settings, name).is_array()) {
      merge_array(settings[name], value, key);
    } else {
      settings[name] = value;
    }
  }
  return save(context, row, std::move(settings));
}

Result<Answer> remove(Context& context, const Call& call) {
  LS_ASSIGN(const std::string id, required_id(call.body, "job_id"));
  LS_ASSIGN(const Row row, find(context, id));
  forget_grants(context.store, row.id);
  context.store.erase(std::string(kKind), row.id);
  return Answer(Json::object());
}

constexpr Endpoint kEndpoints[] = {
    {"POST", "/api/2.2/jobs/create", create}, {"GET", "/api/2.2/jobs/get", get},
    {"GET", "/api/2.2/jobs/list", list},      {"POST", "/api/2.2/jobs/reset", reset},
    {"POST", "/api/2.2/jobs/update", update}, {"POST", "/api/2.2/jobs/delete", remove}};

Status load(Context& context, const Json& document) {
  Json job = document;
  job.erase("$permissions");
  std::string id = scalar_text(member(job, "job_id"));
  if (id.empty() || id == "null") id = numeric_id(context, kKind);
  job["job_id"] = as_number(id);
  job.erase("run_as_user_name");
  if (!member(job, "settings").is_object()) return invalid("a job has no settings");
  complete_job(job["settings"]);
  if (text_at(job, "creator_user_name").empty()) job["creator_user_name"] = context.caller.name;
  if (!job.contains("created_time")) job["created_time"] = context.now;
  if (!job.contains("$fired_until")) job["$fired_until"] = context.now;
  const auto creator = find_principal(context.store, text_at(job, "creator_user_name"));
  keep(context, id, std::move(job));
  grant_to_creator(context, "jobs", id, creator.value_or(context.caller));
  return {};
}

Json give(const Context& context, const Row& row) {
  Json document = row.document;
  document["run_as_user_name"] = run_as_of(context, row);
  return document;
}

constexpr Holding kHoldings[] = {{kKind, "jobs.json", 60, load, give, "jobs"}};

}  // namespace

extern const Service kDefinition;
const Service kDefinition = {"jobs", kEndpoints, kHoldings};

}  // namespace lakeshift::twin::services::jobs
