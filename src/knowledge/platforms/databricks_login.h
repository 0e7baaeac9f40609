// Keeps a connection logged in: signs calls, renews, and waits for a person when a token was
// revoked in mid-run.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "knowledge/credentials/credential.h"

namespace lakeshift::platforms {

// Thread safe.
class Login {
 public:
  // True when the workspace takes this Authorization value now. Errors when it cannot be known.
  using Probe = std::function<Result<bool>(const world::Secret& authorization)>;

  Login(world::Run& run, std::unique_ptr<credentials::Credential> credential, std::string host,
        Probe probe)
      : run_(run),
        credential_(std::move(credential)),
        host_(std::move(host)),
        probe_(std::move(probe)) {}

  Result<world::Secret> authorize() { return credential_->authorize(run_); }

  struct Refusal {
    world::Secret authorization;  // what was refused; empty when there was none to send
    int before = 0;               // how often the same call was refused before
    Error cause;
  };
  // True: repeat the call. False: the login is good, the call was refused for another reason.
  // Waits, with a warning event, until the user has replaced the credential or `set_wait` has
  // passed: then "login-failed".
  Result<bool> replace(const Refusal& refusal, std::stop_token stop);

  void set_wait(world::Millis wait) { wait_ = wait; }
  std::string describe() const { return credential_->describe(); }

 private:
  Result<bool> wait_for_person(const Refusal& refusal, std::stop_token stop);
  bool is_good_again();
  Error failed(const Refusal& refusal) const;

  world::Run& run_;
  const std::unique_ptr<credentials::Credential> credential_;
  const std::string host_;
  const Probe probe_;
  std::mutex mutex_;  // one renewal or wait at a time
  world::Millis wait_{0};
  bool gave_up_ = false;  // no call waits a second time
};

}  // namespace lakeshift::platforms
