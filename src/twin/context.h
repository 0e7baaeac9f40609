// What a service works with while it answers one call.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "twin/api.h"
#include "twin/call.h"
#include "twin/reference.h"
#include "twin/store.h"
#include "twin/twin.h"

namespace lakeshift::twin {

struct Principal {
  std::string kind;  // user, group, service_principal; empty: nobody
  std::string id;
  std::string name;  // userName, displayName, applicationId
};

// Which groups name a principal as a member; read again only when a group changed.
class Memberships {
 public:
  const std::vector<std::string>& groups_of(const Store& store, const std::string& principal_id);

 private:
  long long version_ = -1;
  std::map<std::string, std::vector<std::string>> groups_;
  std::vector<std::string> none_;
};

struct Context {
  Store& store;
  const Api& api;
  const Reference& reference;
  const TwinOptions& options;
  Memberships& memberships;
  std::string workspace_id;
  std::string host;   // "http://127.0.0.1:8443", as the client addressed the twin
  long long now = 0;  // milliseconds since 1970
  Principal caller;
  bool signed_in_by_entra = false;  // the token came from the token endpoint of Microsoft Entra
  bool loading = false;             // documents come from a file: rules of the cloud are not asked

  const std::string& cloud() const { return options.cloud; }
  bool on(std::string_view cloud_name) const { return options.cloud == cloud_name; }
};

// Ids as the platform's look, the same for the same history.
std::string numeric_id(Context& context, std::string_view kind);          // "620312812049382"
std::string cluster_like_id(Context& context, std::string_view kind);     // "1120-093000-k3b9x2ma"
std::string hex_id(Context& context, std::string_view kind, bool upper);  // 16 hex digits
std::string uuid_id(Context& context, std::string_view kind);

// One page of rows. `size` <= 0 takes the default; never more than `greatest`.
struct Page {
  std::vector<const Row*> rows;
  std::string next_token;  // empty: the last page
};
struct PageRules {
  long long normal = 20;
  long long greatest = 100;
  bool opens_empty =
      false;  // the first page is empty and has a token, as Unity Catalog's lists may
};
Result<Page> page_of(const Context& context, const std::vector<const Row*>& rows,
                     const std::string& token, long long size, const PageRules& rules);
// Rows a list may show: those old enough, when lists lag.
std::vector<const Row*> visible_rows(const Context& context, std::string_view kind);
// {items: [...], next_page_token}: empty arrays are left out, as the platform does.
Json page_body(std::string_view items_name, Json items, const std::string& next_token);

// The time as the platform's APIs write it in a few places: "2026-11-20T09:30:00.000Z".
std::string iso_time(long long milliseconds);

}  // namespace lakeshift::twin
