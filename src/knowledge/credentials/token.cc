// A personal access token. It cannot be renewed by us; a person may replace it where it was written
// down.
#include "knowledge/credentials/methods.h"

namespace lakeshift::credentials {
namespace {

class TokenCredential final : public Credential {
 public:
  explicit TokenCredential(Access access) : access_(std::move(access)) {}

  Result<world::Secret> authorize(world::Run&) override {
    const std::scoped_lock lock(mutex_);
    return bearer(access_.token);
  }

  Result<bool> renew(world::Run& run, const world::Secret& refused) override {
    const std::scoped_lock lock(mutex_);
    if (bearer(access_.token).reveal() != refused.reveal()) return true;
    LS_ASSIGN(auto again, read_again(run.world, access_));
    if (!again || again->token.empty() || again->token.reveal() == access_.token.reveal())
      return false;
    access_.token = again->token;
    return true;
  }

  std::string describe() const override { return "personal access token from " + access_.origin; }
  std::string remedy() const override { return remedy_at(access_, "token"); }

 private:
  std::mutex mutex_;
  Access access_;
};

}  // namespace

std::unique_ptr<Credential> make_token_credential(const Access& access) {
  return std::make_unique<TokenCredential>(access);
}

}  // namespace lakeshift::credentials
