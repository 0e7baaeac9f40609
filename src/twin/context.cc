#include "twin/context.h"

#include <algorithm>
#include <charconv>

#include "core/base/digest.h"
#include "core/base/strings.h"
#include "core/world/clock.h"

namespace lakeshift::twin {
namespace {

// 64 hex digits that depend on the workspace, the kind and how many of the kind were made before.
std::string next_digest(Context& context, std::string_view kind) {
  const long long number = context.store.next(std::string(kind));
  return sha256_hex(context.workspace_id + "/" + std::string(kind) + "/" + std::to_string(number));
}

unsigned long long leading_bits(std::string_view digest) {
  unsigned long long value = 0;
  std::from_chars(digest.data(), digest.data() + 13, value, 16);  // 52 bits: exact in every client
  return value;
}

constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";

std::string short_word(std::string_view digest, std::size_t from, std::size_t length) {
  std::string word;
  for (std::size_t i = 0; i < length; ++i) {
    unsigned value = 0;
    const char* begin = digest.data() + from + 2 * i;
    std::from_chars(begin, begin + 2, value, 16);
    word.push_back(kLetters[value % kLetters.size()]);
  }
  return word;
}

std::string token_text(char mark, long long order) {
  return base64_encode(std::string(1, mark) + std::to_string(order));
}

}  // namespace

const std::vector<std::string>& Memberships::groups_of(const Store& store,
                                                       const std::string& principal_id) {
  if (version_ != store.version("group")) {
    version_ = store.version("group");
    groups_.clear();
    for (const Row* group : store.list("group")) {
      const Json& members = member(group->document, "members");
      if (!members.is_array()) continue;
      for (const Json& entry : members) groups_[text_at(entry, "value")].push_back(group->id);
    }
  }
  const auto found = groups_.find(principal_id);
  return found == groups_.end() ? none_ : found->second;
}

std::string numeric_id(Context& context, std::string_view kind) {
  return std::to_string(100'000'000'000'000ULL +
                        leading_bits(next_digest(context, kind)) % 899'999'999'999'999ULL);
}

std::string cluster_like_id(Context& context, std::string_view kind) {
  const std::string time = iso_time(context.now);
  const std::string digits = time.substr(5, 2) + time.substr(8, 2) + "-" + time.substr(11, 2) +
                             time.substr(14, 2) + time.substr(17, 2);
  return digits + "-" + short_word(next_digest(context, kind), 0, 8);
}

std::string hex_id(Context& context, std::string_view kind, bool upper) {
  std::string id = next_digest(context, kind).substr(0, 16);
  if (upper) {
    for (char& c : id) {
      if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
  }
  return id;
}

std::string uuid_id(Context& context, std::string_view kind) {
  const std::string hex = next_digest(context, kind);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-a" +
         hex.substr(17, 3) + "-" + hex.substr(20, 12);
}

std::vector<const Row*> visible_rows(const Context& context, std::string_view kind) {
  std::vector<const Row*> rows = context.store.list(kind);
  if (context.options.staleness_ms > 0) {
    const long long newest = context.now - context.options.staleness_ms;
    std::erase_if(rows, [newest](const Row* row) { return row->since > newest; });
  }
  return rows;
}

Result<Page> page_of(const Context& context, const std::vector<const Row*>& rows,
                     const std::string& token, long long size, const PageRules& rules) {
  if (size <= 0) size = rules.normal;
  size = std::min(size, rules.greatest);
  if (context.options.page_size > 0) size = std::min<long long>(size, context.options.page_size);
  long long after = 0;
  if (!token.empty()) {
    const auto text = base64_decode(token);
    const bool well_formed =
        text && text->size() > 1 && (text->front() == 'p' || text->front() == 'e');
    if (!well_formed) return invalid("invalid page token '" + token + "'");
    std::from_chars(text->data() + 1, text->data() + text->size(), after);
  }
  Page page;
  if (rules.opens_empty && token.empty() && !rows.empty()) {
    page.next_token = token_text('e', 0);
    return page;
  }
  auto next = std::upper_bound(rows.begin(), rows.end(), after,
                               [](long long order, const Row* row) { return order < row->order; });
  while (next != rows.end() && static_cast<long long>(page.rows.size()) < size)
    page.rows.push_back(*next++);
  if (next != rows.end()) page.next_token = token_text('p', page.rows.back()->order);
  return page;
}

Json page_body(std::string_view items_name, Json items, const std::string& next_token) {
  Json body = Json::object();
  if (!items.empty()) body[std::string(items_name)] = std::move(items);
  if (!next_token.empty()) body["next_page_token"] = next_token;
  return body;
}

std::string iso_time(long long milliseconds) {
  return world::to_iso8601(world::Instant(world::Millis(milliseconds)));
}

}  // namespace lakeshift::twin
