#include "knowledge/platforms/databricks_login.h"

#include <algorithm>

namespace lakeshift::platforms {
namespace {

constexpr world::Millis kLoginPoll{10'000};

}  // namespace

Result<bool> Login::replace(const Refusal& refusal, std::stop_token stop) {
  const std::scoped_lock lock(mutex_);
  if (gave_up_) {
    if (!is_good_again()) return fail(failed(refusal));
    gave_up_ = false;
    return true;
  }
  const auto held = credential_->authorize(run_);
  if (held && held->reveal() != refusal.authorization.reveal()) return true;
  if (refusal.before == 0) {
    const auto renewed = credential_->renew(run_, refusal.authorization);
    if (renewed && *renewed) return true;
  }
  if (held) {
    const auto good = probe_(*held);
    // A single refusal of a good login is a fault of the far side, a second one is meant.
    if (good && *good) return refusal.before == 0;
  }
  if (refusal.before > 0 && is_good_again()) return true;
  return wait_for_person(refusal, std::move(stop));
}

Result<bool> Login::wait_for_person(const Refusal& refusal, std::stop_token stop) {
  if (wait_ > world::Millis{0})
    run_.events.emit({.type = world::Event::Type::warning,
                      .subject = "login",
                      .name = host_,
                      .text = host_ + " no longer takes the " + credential_->describe() +
                              "; waiting " + std::to_string(wait_.count() / 60'000) +
                              " minutes: " + credential_->remedy()});
  const world::Instant end = run_.world.clock.now() + wait_;
  while (run_.world.clock.now() < end) {
    const world::Millis left = end - run_.world.clock.now();
    if (!run_.world.clock.sleep(std::min(kLoginPoll, left), stop))
      return fail("cancelled", "stopped on request", host_);
    if (!is_good_again()) continue;
    run_.events.emit(
        {.type = world::Event::Type::notice,
         .subject = "login",
         .name = host_,
         .text = host_ + " takes the " + credential_->describe() + " again; going on"});
    return true;
  }
  gave_up_ = true;
  return fail(failed(refusal));
}

bool Login::is_good_again() {
  // What is held now may be a wrong replacement of what was refused first.
  const auto held = credential_->authorize(run_);
  static_cast<void>(credential_->renew(run_, held.value_or(world::Secret())));
  const auto now = credential_->authorize(run_);
  if (!now) return false;
  const auto good = probe_(*now);
  return good && *good;
}

Error Login::failed(const Refusal& refusal) const {
  Error error;
  error.code = "login-failed";
  error.about = host_;
  error.message = "the workspace refused the " + credential_->describe();
  error.remedy = credential_->remedy();
  error.retry = Retry::after_login;
  error.http_status = refusal.cause.http_status;
  error.cause = std::make_shared<const Error>(refusal.cause);
  return error;
}

}  // namespace lakeshift::platforms
