// each_item: every paging style behind one loop.
#include <set>
#include <string>
#include <utility>

#include "core/base/strings.h"
#include "core/engine/platform.h"

namespace lakeshift::engine {
namespace {

constexpr long long kScimPageSize = 100;
constexpr long long kNumberedPageSize = 100;

struct Page {
  Json answer;
  std::size_t items = 0;
};

// "expand_tasks=true&limit=100" into members; values stay text, as they are in a URL.
void add_fixed_query(std::string_view query, Json& parameters) {
  if (query.empty()) return;
  for (const std::string& pair : split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.empty()) continue;
    const std::string name = url_decode(pair.substr(0, equals));
    parameters[name] =
        equals == std::string::npos ? std::string() : url_decode(pair.substr(equals + 1));
  }
}

std::string identity_of(const Json& item) {
  const std::string id = scalar_text(member(item, "id"));
  return id.empty() ? dump_json(item) : id;
}

class Pages {
 public:
  Pages(Platform& platform, const Listing& listing, const Json& parameters, std::string_view family,
        std::stop_token stop, const std::function<Status(Json&&)>& each)
      : platform_(platform), listing_(listing), stop_(std::move(stop)), each_(each) {
    call_.method = listing.method;
    call_.path = listing.path;
    call_.family = family;
    call_.effect = model::Effect::read;
    parameters_ = Json::object();
    add_fixed_query(listing.query, parameters_);
    if (parameters.is_object()) parameters_.update(parameters);
  }

  Status walk() {
    switch (listing_.paging) {
      case Paging::none:
        return walk_once();
      case Paging::token:
      case Paging::token_in_body:
        return walk_tokens("page_token");
      case Paging::next_token:
        return walk_tokens("next_page_token");
      case Paging::scim:
        return walk_scim();
      case Paging::page:
        return walk_numbers();
    }
    return {};
  }

 private:
  // One request, its items handed on. The parameters travel in the body where the method has one.
  Result<Page> fetch() {
    if (call_.method == "GET") {
      call_.query = parameters_;
    } else {
      call_.body = parameters_;
    }
    Page page;
    LS_ASSIGN(page.answer, platform_.call(call_, stop_));
    LS_ASSIGN(page.items, hand_on(page.answer));
    return page;
  }

  Result<std::size_t> hand_on(Json& answer) {
    Json* items = &answer;
    if (!listing_.items.empty()) {
      // An empty list is often left out of the answer altogether.
      if (answer.is_null()) return std::size_t{0};
      if (!answer.is_object()) return malformed("an object", answer);
      const auto found = answer.find(listing_.items);
      if (found == answer.end() || found->is_null()) return std::size_t{0};
      items = &*found;
    }
    if (items->is_null()) return std::size_t{0};
    if (!items->is_array()) return malformed("an array", *items);
    for (Json& item : *items) {
      // An entry that moved to a later page while the list was read comes twice.
      if (dedupe_ && !seen_.insert(identity_of(item)).second) continue;
      LS_TRY(each_(std::move(item)));
    }
    return items->size();
  }

  tl::unexpected<Error> malformed(std::string_view wanted, const Json& found) const {
    const std::string where =
        listing_.items.empty() ? "the answer" : "'" + std::string(listing_.items) + "'";
    return fail("bad-answer",
                where + " should be " + std::string(wanted) + ", not " + found.type_name(), about(),
                "check that the host is the workspace's own address");
  }

  std::string about() const { return call_.method + " " + call_.path; }

  Status walk_once() {
    LS_TRY(fetch());
    return {};
  }

  Status walk_tokens(const char* parameter) {
    std::set<std::string> seen;
    while (true) {
      LS_ASSIGN(const Page page, fetch());
      const std::string token = scalar_text(member(page.answer, "next_page_token"));
      if (token.empty()) return {};
      if (!seen.insert(token).second)
        return fail("repeating-page-token",
                    "the list's page token came a second time; the list would never end", about(),
                    "run discover again; if it happens again, report it to the platform's support");
      parameters_[parameter] = token;
    }
  }

  // Until an empty page: what a page says about the total is checked, not trusted.
  Status walk_scim() {
    long long start = 1;
    long long expected = -1;
    parameters_["count"] = kScimPageSize;
    dedupe_ = true;
    while (true) {
      const std::size_t known = seen_.size();
      parameters_["startIndex"] = start;
      LS_ASSIGN(const Page page, fetch());
      start += static_cast<long long>(page.items);
      expected = int_at(page.answer, "totalResults", expected);
      // A server that does not know startIndex sends the same page for ever.
      if (page.items == 0 || seen_.size() == known) break;
    }
    return check_complete(static_cast<long long>(seen_.size()), expected);
  }

  // Stops when the count is reached: a page beyond the last one would be an error.
  Status walk_numbers() {
    long long received = 0;
    if (!parameters_.contains("page_size")) parameters_["page_size"] = kNumberedPageSize;
    for (long long number = 1;; ++number) {
      parameters_["page"] = number;
      LS_ASSIGN(const Page page, fetch());
      received += static_cast<long long>(page.items);
      const long long expected = int_at(page.answer, "count", -1);
      if (page.items == 0) return check_complete(received, expected);
      if (expected >= 0 && received >= expected) return {};
    }
  }

  Status check_complete(long long received, long long expected) const {
    if (received >= expected) return {};
    return fail("incomplete-list",
                "the list says it has " + std::to_string(expected) + " entries but gave " +
                    std::to_string(received),
                about(), "run discover again while nobody adds or removes entries");
  }

  Platform& platform_;
  const Listing& listing_;
  std::stop_token stop_;
  const std::function<Status(Json&&)>& each_;
  Call call_;
  Json parameters_;
  bool dedupe_ = false;
  std::set<std::string> seen_;
};

}  // namespace

Status each_item(Platform& platform, const Listing& listing, const Json& parameters,
                 std::string_view family, std::stop_token stop,
                 const std::function<Status(Json&&)>& each) {
  return Pages(platform, listing, parameters, family, std::move(stop), each).walk();
}

}  // namespace lakeshift::engine
