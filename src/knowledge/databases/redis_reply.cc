#include "knowledge/databases/redis_reply.h"

#include <charconv>

#include "core/base/strings.h"

namespace lakeshift::databases {
namespace {

std::optional<std::int64_t> read_integer(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

tl::unexpected<Error> bad_reply(const std::string& message) {
  return fail("bad-reply", message, "Redis",
              "check that host and port are those of a Redis server, and that redis:// (plain) or "
              "rediss:// (TLS) is what it speaks");
}

RedisReply text_reply(std::string_view text, RedisReply::Type type = RedisReply::Type::text) {
  RedisReply reply;
  reply.type = type;
  reply.text = std::string(text);
  return reply;
}

RedisReply integer_reply(std::int64_t value) {
  RedisReply reply;
  reply.type = RedisReply::Type::integer;
  reply.integer = value;
  return reply;
}

}  // namespace

std::int64_t RedisReply::number() const {
  if (type == Type::integer) return integer;
  return read_integer(text).value_or(0);
}

const RedisReply* RedisReply::find(std::string_view key) const {
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (items[i].text == key) return &items[i + 1];
  return nullptr;
}

std::string RedisReply::text_at(std::string_view key) const {
  const RedisReply* value = find(key);
  return value == nullptr ? std::string() : value->text;
}

std::int64_t RedisReply::number_at(std::string_view key) const {
  const RedisReply* value = find(key);
  return value == nullptr ? 0 : value->number();
}

Error redis_error(const RedisReply& reply, const std::string& about) {
  const std::string word = to_lower(reply.text.substr(0, reply.text.find(' ')));
  Error error;
  error.code = "redis-" + word;
  error.message = printable(reply.text);
  error.about = about;
  if (word == "loading" || word == "tryagain" || word == "clusterdown" || word == "masterdown" ||
      word == "busy" || word == "noreplicas")
    error.retry = Retry::later;
  if (word == "wrongpass" || word == "noauth")
    error.remedy = "set the user in the address and the password in its variable";
  if (word == "noperm") error.remedy = "give the move's user the right (ACL SETUSER)";
  return error;
}

Result<std::size_t> RedisReplyReader::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (!done_) {
    LS_ASSIGN(const std::size_t more, read_one(bytes.substr(used)));
    if (more == 0) break;
    used += more;
  }
  return used;
}

RedisReply RedisReplyReader::take() {
  RedisReply reply = std::move(*done_);
  done_.reset();
  return reply;
}

Result<std::size_t> RedisReplyReader::read_one(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n");
  if (end == std::string_view::npos || end == 0) {
    if (end == 0 || bytes.size() > limits_.line)
      return bad_reply("this is not how a Redis server answers");
    return 0;
  }
  if (end > limits_.line) return bad_reply("a line is longer than a Redis server writes");
  const char kind = bytes.front();
  const std::string_view line = bytes.substr(1, end - 1);
  const std::size_t head = end + 2;
  using Type = RedisReply::Type;
  switch (kind) {
    case '+':
    case ',':
    case '(':
      close(text_reply(line));
      return head;
    case '-':
      close(text_reply(line, Type::error));
      return head;
    case ':': {
      const auto number = read_integer(line);
      if (!number) return bad_reply("'" + printable(line) + "' is no integer");
      close(integer_reply(*number));
      return head;
    }
    case '#':
      close(integer_reply(line == "t" ? 1 : 0));
      return head;
    case '_':
      close({});
      return head;
    case '$':
    case '!':
    case '=':
      return read_bulk(kind, line, bytes.substr(head), head);
    case '*':
    case '~':
      LS_TRY(open(Type::array, line, 1, false));
      return head;
    case '%':
      LS_TRY(open(Type::array, line, 2, false));
      return head;
    case '>':
      LS_TRY(open(Type::push, line, 1, false));
      return head;
    case '|':
      LS_TRY(open(Type::array, line, 2, true));
      return head;
    default:
      return bad_reply("this is not how a Redis server answers");
  }
}

Result<std::size_t> RedisReplyReader::read_bulk(char kind, std::string_view line,
                                                std::string_view after, std::size_t head) {
  const auto size = read_integer(line);
  if (!size || *size < -1) return bad_reply("'" + printable(line) + "' is no length");
  if (*size == -1) {
    close({});
    return head;
  }
  const auto bytes = static_cast<std::size_t>(*size);
  if (bytes > limits_.bulk)
    return bad_reply("a text of " + std::to_string(bytes) + " bytes is longer than the limit of " +
                     std::to_string(limits_.bulk));
  if (after.size() < bytes + 2) return 0;
  if (after.substr(bytes, 2) != "\r\n") return bad_reply("a text does not end where it should");
  std::string_view text = after.substr(0, bytes);
  if (kind == '=' && text.size() >= 4) text.remove_prefix(4);  // "txt:"
  close(text_reply(text, kind == '!' ? RedisReply::Type::error : RedisReply::Type::text));
  return head + bytes + 2;
}

Status RedisReplyReader::open(RedisReply::Type type, std::string_view count, std::size_t times,
                              bool dropped) {
  const auto size = read_integer(count);
  if (!size || *size < -1 || static_cast<std::uint64_t>(*size + 1) > limits_.items)
    return bad_reply("'" + printable(count) + "' is no number of items");
  if (*size == -1) {
    close({});
    return {};
  }
  if (open_.size() >= limits_.depth) return bad_reply("an answer is nested too deeply");
  Frame frame;
  frame.reply.type = type;
  frame.missing = static_cast<std::size_t>(*size) * times;
  frame.dropped = dropped;
  if (frame.missing == 0) {
    if (!dropped) close(std::move(frame.reply));
    return {};
  }
  open_.push_back(std::move(frame));
  return {};
}

void RedisReplyReader::close(RedisReply reply) {
  while (!open_.empty()) {
    Frame& frame = open_.back();
    frame.reply.items.push_back(std::move(reply));
    if (--frame.missing > 0) return;
    const bool dropped = frame.dropped;
    reply = std::move(frame.reply);
    open_.pop_back();
    if (dropped) return;
  }
  done_ = std::move(reply);
}

}  // namespace lakeshift::databases
