// The ways of signing in; make_credential chooses among them. For use inside this folder.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "knowledge/credentials/credential.h"

namespace lakeshift::credentials {

std::unique_ptr<Credential> make_token_credential(const Access& access);
std::unique_ptr<Credential> make_oauth_credential(const Access& access);
std::unique_ptr<Credential> make_entra_credential(const Access& access);

// What now stands where `access` was read; no value when it was not read from anywhere.
Result<std::optional<Access>> read_again(world::World& world, const Access& access);
// True when something to sign in with is filled in; what that may be, as it is called where
// `access` was read.
bool has_credential(const Access& access);
std::string names_looked_for(const Access& access);
std::string remedy_at(const Access& access, const std::string& what);
world::Secret bearer(const world::Secret& token);

// A token that a client secret buys for a limited time. The lock is held while a new one is
// fetched, so there is only ever one request under way and the others wait for its answer.
class BoughtTokenCredential : public Credential {
 public:
  explicit BoughtTokenCredential(Access access) : access_(std::move(access)) {}
  Result<world::Secret> authorize(world::Run& run) final;
  Result<bool> renew(world::Run& run, const world::Secret& refused) final;

 protected:
  struct Token {
    world::Secret value;
    world::Millis lifetime{};
  };
  virtual Result<Token> buy(world::Run& run, const Access& access) = 0;
  virtual bool has_same_secret(const Access& a, const Access& b) const = 0;
  // Posts a form to a token endpoint and reads the answer of RFC 6749, section 5.
  static Result<Token> post_form(world::Run& run, const Access& access, const std::string& url,
                                 const world::Secret& form, const world::Secret& authorization);
  Access access() const {
    const std::scoped_lock lock(mutex_);
    return access_;
  }

 private:
  Status fetch(world::Run& run);
  bool near_end(world::Instant now) const { return token_.empty() || now >= renew_at_; }

  mutable std::mutex mutex_;
  Access access_;
  world::Secret token_;
  world::Instant renew_at_{};
  world::Instant ends_{};
};

}  // namespace lakeshift::credentials
