#include "twin/server.h"

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "twin/form.h"
#include "twin/load.h"
#include "twin/principals.h"
#include "twin/router.h"
#include "twin/schema.h"

namespace lakeshift::twin {
namespace {

bool is_scim(std::string_view path) { return contains(path, "/scim/v2/"); }

bool changes_something(const world::HttpRequest& request, std::string_view path) {
  if (request.method == "GET" || request.method == "HEAD") return false;
  // Reads that are written as POST.
  return !path.ends_with("/search") && !path.ends_with("/clusters/events") &&
         !contains(path, "/oidc/");
}

std::string header(const world::HttpRequest& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string() : found->second;
}

Json query_json(const std::multimap<std::string, std::string, std::less<>>& query) {
  Json json = Json::object();
  for (const auto& [name, value] : query) {
    Json& slot = json[name];
    if (slot.is_null()) {
      slot = value;
    } else {
      if (slot.is_string()) slot = Json::array({slot});
      slot.push_back(value);
    }
  }
  return json;
}

std::string derived_workspace_id(const TwinOptions& options) {
  if (!options.workspace_id.empty()) return options.workspace_id;
  unsigned long long value = 0;
  for (const char c : sha256_hex("workspace/" + options.cloud).substr(0, 14))
    value = value * 16 + static_cast<unsigned long long>(c <= '9' ? c - '0' : c - 'a' + 10);
  return std::to_string(1'000'000'000'000'000ULL + value % 8'999'999'999'999'999ULL);
}

world::HttpResponse response_of(const Answer& answer) {
  world::HttpResponse response;
  response.status = answer.status;
  response.headers["content-type"] = answer.content_type;
  response.body = answer.is_raw ? answer.bytes : dump_json(answer.body);
  return response;
}

}  // namespace

Result<std::unique_ptr<Twin>> Twin::create(world::World& world, const TwinOptions& options) {
  auto twin = std::make_unique<TwinServer>(world, options);
  LS_TRY(twin->start());
  return std::unique_ptr<Twin>(std::move(twin));
}

Status TwinServer::start() {
  if (options_.cloud != "azure" && options_.cloud != "aws" && options_.cloud != "gcp")
    return fail("bad-cloud", "there is no twin of cloud '" + options_.cloud + "'", "cloud",
                "use azure, aws or gcp");
  LS_ASSIGN(api_, shared_api());
  LS_ASSIGN(reference_, Reference::of_cloud(options_.cloud));
  LS_ASSIGN(store_, Store::open(options_.state_path));
  LS_TRY(limits_.set(options_.limits));
  LS_TRY(log_.open(options_.request_log));
  workspace_id_ = derived_workspace_id(options_);
  faults_.set(options_.fault);
  tokens_.accept(options_.token);
  tokens_.set_client({options_.client_id, options_.client_secret, ""});
  tokens_.set_lifetime(options_.token_lifetime_ms);
  if (store_->count("group") == 0) {
    Context founding = context("");
    founding.loading = true;
    LS_TRY(found_workspace(founding));
    LS_TRY(store_->commit());
  }
  if (const Row* lists = store_->get("reference", "lists"))
    return reference_.replace(lists->document);
  return {};
}

long long TwinServer::now_ms() const { return world_.clock.now().time_since_epoch().count(); }

Context TwinServer::context(const std::string& host) {
  const long long now = now_ms();
  store_->set_now(now);
  return {*store_, *api_, reference_, options_, memberships_, workspace_id_, host, now, own_user()};
}

Principal TwinServer::own_user() const {
  const Row* row = find_user(*store_, kOwnUser);
  return row == nullptr ? Principal{}
                        : Principal{"user", row->id, text_at(row->document, "userName")};
}

TwinServer::Address TwinServer::address_of(const std::string& url) {
  Address address;
  std::string_view rest = url;
  if (const std::size_t scheme = rest.find("://"); scheme != std::string_view::npos) {
    const std::size_t slash = rest.find('/', scheme + 3);
    address.host = std::string(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view("/") : rest.substr(slash);
  }
  const std::size_t question = rest.find('?');
  address.path = std::string(rest.substr(0, question));
  if (question == std::string_view::npos) return address;
  for (const std::string& pair : split(rest.substr(question + 1), '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string value =
        equals == std::string::npos ? "" : replace_all(pair.substr(equals + 1), "+", " ");
    address.query.emplace(url_decode(pair.substr(0, equals)), url_decode(value));
  }
  return address;
}

world::HttpResponse TwinServer::handle(const world::HttpRequest& request) {
  const Address address = address_of(request.url);
  if (address.path.starts_with("/twin/")) return control(request, address);
  struct Flight {
    std::atomic<int>& count;
    int now;
    explicit Flight(std::atomic<int>& counter) : count(counter), now(++counter) {}
    ~Flight() { --count; }
  } const flight(in_flight_);

  LogEntry entry;
  entry.time_ms = now_ms();
  entry.method = request.method;
  entry.path = address.path;
  entry.query = query_json(address.query);
  const auto fault =
      faults_.next(changes_something(request, address.path), address.path, request.body);
  int latency = 0;
  {
    const std::scoped_lock lock(mutex_);
    latency = options_.latency_ms;
  }
  if (latency > 0) world_.clock.sleep(world::Millis(latency), {});
  world::HttpResponse response;
  if (fault && !fault->after_effect) {
    // What was sent is logged, and judged, whether or not it had an effect.
    if (const auto call = read_call(request, address)) {
      if (!call->body.empty()) entry.body = call->body;
      if (call->is_form) entry.form = "multipart";
    }
    response = hurt(*fault, {});
  } else if (auto refusal =
                 limits_.refusal(request.method, address.path, entry.time_ms, flight.now)) {
    response = std::move(*refusal);
  } else {
    response = answer(request, address, entry);
    if (fault) response = hurt(*fault, std::move(response));
  }
  entry.status = response.status;
  if (response.status != 0) response.headers["x-databricks-org-id"] = workspace_id_;
  log_.write(entry);
  return response;
}

world::HttpResponse TwinServer::answer(const world::HttpRequest& request, const Address& address,
                                       LogEntry& entry) {
  if (address.path.ends_with("/oidc/v1/token") || address.path.ends_with("/oauth2/v2.0/token") ||
      address.path.ends_with("/oauth2/token"))
    return tokens_.issue(request, address.path, now_ms());
  if (address.path == "/oidc/.well-known/oauth-authorization-server")
    return Tokens::endpoints(address.host);
  if (address.path == "/.well-known/databricks-config")
    return Tokens::host_metadata(address.host, workspace_id_, options_.cloud);
  if (address.path == "/aad/auth" && options_.cloud == "azure")
    return Tokens::entra_login(address.host);
  const std::scoped_lock lock(mutex_);
  const bool scim = is_scim(address.path);
  const auto refused = [&](const Error& error) {
    entry.error_code = error.code;
    return error_response(error, scim && error.http_status != 401 && error.code != "403");
  };
  if (!address.path.starts_with("/api/")) {
    return refused(refuse("ENDPOINT_NOT_FOUND",
                          "No API found for '" + request.method + " " + address.path + "'")
                       .value());
  }
  // Read before it is judged: the log holds what was sent, whatever becomes of it.
  auto call = read_call(request, address);
  if (call && !call->body.empty()) entry.body = call->body;
  if (call && call->is_form) entry.form = "multipart";
  const auto speaker = tokens_.check(request, now_ms());
  if (!speaker) return refused(speaker.error());
  Context state = context(address.host);
  if (!speaker->empty()) {
    if (auto principal = find_principal(*store_, *speaker)) state.caller = *principal;
    if (!has_access(*store_, state.caller))
      return refused(refuse("PERMISSION_DENIED",
                            state.caller.name + " has no entitlement to use this workspace")
                         .value());
  }
  state.signed_in_by_entra = Tokens::is_of_entra(header(request, "authorization"));
  entry.caller = state.caller.name;
  if (!call) return refused(call.error());
  auto result = dispatch(state, *call, entry);
  if (!result) return refused(result.error());
  if (const Status kept = store_->commit(); !kept) return refused(kept.error());
  return response_of(*result);
}

Result<Call> TwinServer::read_call(const world::HttpRequest& request, const Address& address) {
  Call call;
  call.method = request.method;
  call.sent_path = address.path;
  call.path = newest_path(address.path);
  call.query = address.query;
  call.headers = request.headers;
  const std::string type = header(request, "content-type");
  if (type.starts_with("multipart/form-data")) {
    LS_ASSIGN(auto parts, read_multipart(type, request.body));
    call.is_form = true;
    for (auto& [name, value] : parts) {
      if (name == "content") {
        call.bytes = std::move(value);
      } else if (name == "overwrite") {
        call.body[name] = value == "true";
      } else {
        call.body[name] = value;
      }
    }
    return call;
  }
  const bool holds_bytes = type == "application/octet-stream" ||
                           contains(call.path, "/import-file/") ||
                           call.path.starts_with("/api/2.0/fs/files");
  if (holds_bytes) {
    call.bytes = request.body;
  } else if (!request.body.empty()) {
    auto body = parse_json(request.body, "request body");
    if (!body)
      return refuse("MALFORMED_REQUEST", "Could not parse request object: " + body.error().message);
    if (!body->is_object()) return refuse("MALFORMED_REQUEST", "the request body is not an object");
    call.body = std::move(*body);
  }
  return call;
}

Status TwinServer::validate(const Call& call) const {
  const bool scim = is_scim(call.path);
  const auto violated = [&](const Violation& bad) -> Status {
    const std::string message = bad.message + " at '" + bad.path + "' (" + call.route->op + ")";
    if (scim) return refuse_scim(400, message, "invalidSyntax");
    return invalid(message);
  };
  const bool strict = options_.strict;
  for (const auto& [name, value] : call.query) {
    if (auto bad = check_query(*api_, call.route->query, name, value, strict))
      return violated(*bad);
  }
  for (const auto& [name, type] : call.route->query) {
    if (type.required && !call.has_query(name) && !call.route->verb.starts_with('P'))
      return violated({name, "missing required query parameter '" + name + "'"});
  }
  if (call.route->body_type) {
    if (call.route->body_type->base == TypeRef::Base::raw) return {};
    if (auto bad = check_value(*api_, *call.route->body_type, call.body, "", strict))
      return violated(*bad);
    return {};
  }
  if (auto bad = check_members(*api_, call.route->body, call.body, "", strict))
    return violated(*bad);
  return {};
}

Result<Answer> TwinServer::dispatch(Context& state, Call& call, LogEntry& entry) {
  const RouteMatch known = api_->match(call.method, call.path);
  call.route = known.route;
  if (known.route != nullptr) {
    entry.op = known.route->op;
    LS_TRY(validate(call));
  }
  ServiceMatch found = find_endpoint(call.method, call.path);
  if (found.endpoint != nullptr) {
    call.parameters = std::move(found.parameters);
    return found.endpoint->handle(state, call);
  }
  if (known.route == nullptr)
    return refuse("ENDPOINT_NOT_FOUND",
                  "No API found for '" + call.method + " " + call.sent_path + "'");
  call.parameters = known.parameters;
  // Nothing of this kind exists in the twin: an empty list says so.
  if (call.method == "GET" && !known.route->paging.style.empty()) return Answer(Json::object());
  if (call.method == "GET")
    return refuse("RESOURCE_DOES_NOT_EXIST", "there is no object at " + call.sent_path);
  return refuse("NOT_IMPLEMENTED", "the twin does not play " + known.route->op);
}

Status TwinServer::load(const std::string& directory) {
  const std::scoped_lock lock(mutex_);
  Context state = context("");
  state.loading = true;
  LS_TRY(load_directory(state, world_.files, directory));
  return settle();
}

Json TwinServer::dump() {
  const std::scoped_lock lock(mutex_);
  Context state = context("");
  Json all = dump_documents(state);
  all["reference"] = reference_.to_json();
  return all;
}

Status TwinServer::restore(const Json& dump) {
  const std::scoped_lock lock(mutex_);
  store_->clear();
  Context founding = context("");
  founding.loading = true;
  LS_TRY(found_workspace(founding));
  if (const Json& lists = member(dump, "reference"); lists.is_object()) {
    LS_TRY(reference_.replace(lists));
    store_->put("reference", "lists", "", lists);
  }
  Context state = context("");
  state.loading = true;
  LS_TRY(load_documents(state, dump));
  return settle();
}

Status TwinServer::settle() { return store_->commit(); }

}  // namespace lakeshift::twin
