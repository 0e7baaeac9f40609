#include "knowledge/databases/redis_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <array>

namespace lakeshift::databases {

struct RedisTls::State {
  std::string about;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, SSL_free};
  BIO* in = nullptr;   // owned by ssl
  BIO* out = nullptr;  // owned by ssl

  tl::unexpected<Error> failure(const std::string& what) const {
    std::string text = what;
    if (ssl != nullptr)
      if (const long verdict = SSL_get_verify_result(ssl.get()); verdict != X509_V_OK)
        text += std::string(": ") + X509_verify_cert_error_string(verdict);
    std::array<char, 256> line{};
    if (const unsigned long code = ERR_get_error(); code != 0) {
      ERR_error_string_n(code, line.data(), line.size());
      text += std::string(": ") + line.data();
    }
    ERR_clear_error();
    return fail("tls", text, about,
                "check host name and certificate; '?ca=FILE' in the address trusts a private "
                "authority, redis:// speaks plainly");
  }
};

RedisTls::RedisTls(std::unique_ptr<State> state) : state_(std::move(state)) {}
RedisTls::~RedisTls() = default;

Result<std::unique_ptr<RedisTls>> RedisTls::make(const RedisAddress& address) {
  auto state = std::make_unique<State>();
  state->about = address.to_text();
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = state->context.get();
  if (context == nullptr) return state->failure("no TLS context");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  const int trusted = address.ca.empty()
                          ? SSL_CTX_set_default_verify_paths(context)
                          : SSL_CTX_load_verify_locations(context, address.ca.c_str(), nullptr);
  if (trusted != 1) return state->failure("cannot read the certificates of '" + address.ca + "'");
  SSL_CTX_set_verify(context, address.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  state->ssl.reset(SSL_new(context));
  SSL* ssl = state->ssl.get();
  state->in = BIO_new(BIO_s_mem());
  state->out = BIO_new(BIO_s_mem());
  if (ssl == nullptr || state->in == nullptr || state->out == nullptr)
    return state->failure("no TLS session");
  SSL_set_bio(ssl, state->in, state->out);
  SSL_set_connect_state(ssl);
  X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl);
  // An address of digits is checked as such; only names are told to the server.
  if (X509_VERIFY_PARAM_set1_ip_asc(wanted, address.host.c_str()) != 1) {
    ERR_clear_error();
    SSL_set_tlsext_host_name(ssl, address.host.c_str());
    if (SSL_set1_host(ssl, address.host.c_str()) != 1) return state->failure("bad host name");
  }
  return std::unique_ptr<RedisTls>(new RedisTls(std::move(state)));
}

Status RedisTls::shake_hands() {
  ERR_clear_error();
  const int done = SSL_do_handshake(state_->ssl.get());
  if (done == 1) {
    established_ = true;
    return {};
  }
  const int why = SSL_get_error(state_->ssl.get(), done);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return {};
  return state_->failure("no TLS connection could be made");
}

Status RedisTls::received(std::string_view wire, std::string& plain) {
  BIO_write(state_->in, wire.data(), static_cast<int>(wire.size()));
  if (!established_) {
    LS_TRY(shake_hands());
    if (!established_) return {};
  }
  std::array<char, 16384> block{};
  for (;;) {
    ERR_clear_error();
    const int got = SSL_read(state_->ssl.get(), block.data(), static_cast<int>(block.size()));
    if (got > 0) {
      plain.append(block.data(), static_cast<std::size_t>(got));
      continue;
    }
    const int why = SSL_get_error(state_->ssl.get(), got);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_ZERO_RETURN)
      return {};
    return state_->failure("the TLS connection broke");
  }
}

Status RedisTls::send(std::string_view plain) {
  while (!plain.empty()) {
    const std::size_t part = std::min<std::size_t>(plain.size(), 1u << 20);
    ERR_clear_error();
    if (SSL_write(state_->ssl.get(), plain.data(), static_cast<int>(part)) <= 0)
      return state_->failure("the TLS connection broke");
    plain.remove_prefix(part);
  }
  return {};
}

void RedisTls::take_outgoing(std::string& wire) {
  std::array<char, 16384> block{};
  for (;;) {
    const int got = BIO_read(state_->out, block.data(), static_cast<int>(block.size()));
    if (got <= 0) return;
    wire.append(block.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace lakeshift::databases
